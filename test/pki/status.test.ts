import {beforeAll, expect, test} from 'vitest'
import {readAuthority} from '../../src/pki/authority.ts'
import type {CaCerts} from '../../src/pki/ca-certs.ts'
import {caData} from '../../src/pki/ca-certs.ts'
import {issueIntermediate} from '../../src/pki/issue.ts'
import {type CaFound, compareCas} from '../../src/pki/status.ts'
import {authorityPem, caExtensions, ecKey, inDays, makeCertificate} from './support.ts'

interface Root {
  certificate: string
  key: string
}

let [a, b]: Root[] = []
beforeAll(() => {
  ;[a, b] = ['/CN=a', '/CN=b'].map(subject => {
    const key = ecKey()
    return {key, certificate: makeCertificate({key, subject})}
  })
})

function issue(root: Root | undefined, cluster: string): Promise<CaCerts> {
  const authority = readAuthority(authorityPem(root!.certificate, root!.key), new Date())
  return issueIntermediate({
    authority,
    cluster,
    systemNamespace: 's',
    keyType: 'ecdsa-p256',
    now: new Date(),
    days: 100,
  })
}

async function plugged(root: Root | undefined, cluster: string, more: Partial<CaFound> = {}): Promise<CaFound> {
  return {cluster, source: 'cluster', data: caData(await issue(root, cluster)), ...more}
}

const selfSigned = (root: Root | undefined, cluster: string): CaFound => ({
  cluster,
  source: 'cluster',
  data: undefined,
  servedRoot: root!.certificate,
})

const compared = (found: CaFound[], now = new Date()) => {
  const {rows, share} = compareCas(found, now)
  return {share, rows: rows.map(({cluster, sameRoot, differsFrom}) => [cluster, sameRoot, ...differsFrom])}
}

test('one root: issuer, expiry and root of each CA', async () => {
  const now = new Date()
  const {rows, share} = compareCas([await plugged(a, 'east'), await plugged(a, 'west', {source: 'folder'})], now)
  expect(share).toBe(true)
  expect(rows).toMatchObject([
    {
      cluster: 'east',
      source: 'cluster',
      subject: 'O=Istio, CN=Intermediate CA, L=east',
      issuer: 'CN=a',
      sameRoot: true,
      differsFrom: [],
      problems: [],
    },
    {
      cluster: 'west',
      source: 'folder',
      subject: 'O=Istio, CN=Intermediate CA, L=west',
      issuer: 'CN=a',
      sameRoot: true,
      differsFrom: [],
      problems: [],
    },
  ])
  expect(rows[0]!.roots).toEqual(rows[1]!.roots)
  expect(rows[0]!.roots).toEqual([expect.stringMatching(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/)])
  expect(Math.round((rows[0]!.expires!.getTime() - now.getTime()) / 86_400_000)).toBe(100)
})

test('two roots: the smaller group is marked', async () => {
  expect(
    compared([await plugged(b, 'south'), await plugged(a, 'east'), await plugged(a, 'west', {source: 'folder'})]),
  ).toEqual({
    share: false,
    rows: [
      ['south', false, 'east', 'west (folder)'],
      ['east', true, 'south'],
      ['west', true, 'south'],
    ],
  })
})

test('self-signed CAs of istiod', () => {
  expect(compared([selfSigned(a, 'east'), selfSigned(b, 'west')])).toEqual({
    share: false,
    rows: [
      ['east', true, 'west'],
      ['west', false, 'east'],
    ],
  })
  expect(compared([selfSigned(a, 'east'), selfSigned(a, 'west')]).share).toBe(true)
  expect(compareCas([selfSigned(a, 'east')], new Date()).rows[0]).toMatchObject({
    issuer: 'CN=a',
    subject: 'CN=a',
    problems: [],
  })
})

test('during a rotation, CAs share a root if each verifies the other', async () => {
  const both = a!.certificate + b!.certificate
  const onBoth = async (root: Root | undefined, cluster: string) => {
    const data = {...caData(await issue(root, cluster)), 'root-cert.pem': both}
    return {cluster, source: 'cluster' as const, data}
  }
  const {rows, share} = compareCas([await onBoth(a, 'east'), await onBoth(b, 'west')], new Date())
  expect(share).toBe(true)
  expect(rows[0]!.roots).toHaveLength(2)
  expect(compared([await onBoth(a, 'east'), await plugged(a, 'west')]).share).toBe(true)
  // east trusts workloads of west, but west does not trust those of east.
  expect(compared([await onBoth(b, 'east'), await plugged(a, 'west')])).toEqual({
    share: false,
    rows: [
      ['east', true, 'west'],
      ['west', false, 'east'],
    ],
  })
})

test('expired CAs of one root share it, and are reported', async () => {
  const {rows, share} = compareCas([await plugged(a, 'east'), await plugged(a, 'west')], inDays(101))
  expect(share).toBe(true)
  expect(rows[1]!.problems[0]!.message).toMatch(/^west: ca-cert\.pem does not verify .* expired on/)
})

test('reports an istiod that was not restarted after cacerts was created', async () => {
  const {rows} = compareCas(
    [await plugged(a, 'east', {servedRoot: b!.certificate}), await plugged(a, 'west', {servedRoot: a!.certificate})],
    new Date(),
  )
  expect(rows[0]!.problems).toEqual([
    {
      message: 'east: istiod distributes another root than the one in cacerts',
      hints: [expect.stringMatching(/^restart istiod/)],
    },
  ])
  expect(rows[1]!.problems).toEqual([])
})

test('reports name constraints that exclude what istiod issues certificates for', async () => {
  const extensions = [...caExtensions, 'nameConstraints=critical,permitted;URI:example.org,permitted;DNS:svc']
  const key = ecKey()
  const named = {key, certificate: makeCertificate({key, subject: '/CN=named', extensions})}
  const problemsFor = async (trustDomain?: string) => {
    const issued = trustDomain === undefined ? {} : {issued: {trustDomain, istiod: 'istiod.istio-system.svc'}}
    return compareCas([await plugged(named, 'east', issued)], new Date()).rows[0]!.problems.map(({message}) => message)
  }
  expect(await problemsFor('cluster.local')).toEqual([
    'east: the name constraints of CN=named exclude spiffe://cluster.local/…, the identities of workloads; they permit only URIs of example.org',
  ])
  expect(await problemsFor('example.org')).toEqual([])
  expect(await problemsFor()).toEqual([])
})

test('no CA, and an unreadable CA', async () => {
  const nothing: CaFound = {cluster: 'east', source: 'cluster', data: undefined}
  const broken: CaFound = {
    cluster: 'west',
    source: 'cluster',
    data: {'ca-cert.pem': 'x', 'ca-key.pem': 'x', 'cert-chain.pem': 'x', 'root-cert.pem': 'x'},
  }
  const {rows, share} = compareCas([nothing, broken, await plugged(a, 'south')], new Date())
  expect(share).toBe(false)
  expect(rows.map(({sameRoot, expires}) => [sameRoot, expires !== undefined])).toEqual([
    [undefined, false],
    [undefined, false],
    [true, true],
  ])
  expect(rows.map(({problems}) => problems[0]?.message)).toEqual([
    expect.stringMatching(/^east: no CA found/),
    'west: ca-cert.pem contains no certificate',
    undefined,
  ])
  expect(compareCas([], new Date())).toEqual({rows: [], share: false})
})

test('the result contains no private key', async () => {
  const found = await plugged(a, 'east')
  expect(JSON.stringify(compareCas([found], new Date()))).not.toContain('PRIVATE')
})

test('where another CA signs, cacerts is not read, and the served root counts', async () => {
  const external = await plugged(a, 'west', {externalCa: 'ENABLE_CA_SERVER=false', servedRoot: b!.certificate})
  const {rows, share} = compareCas([await plugged(a, 'east'), external], new Date())
  expect({share, roots: rows[1]?.subject, problems: rows[1]?.problems}).toEqual({
    share: false,
    roots: 'CN=b',
    problems: [],
  })
  const {rows: unknown} = compareCas([await plugged(a, 'west', {externalCa: 'ENABLE_CA_SERVER=false'})], new Date())
  expect(unknown[0]?.problems[0]?.message).toMatch(
    /^west: no root found: another CA than istiod .* \(ENABLE_CA_SERVER=false\)/,
  )
})
