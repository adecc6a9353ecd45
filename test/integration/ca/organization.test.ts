import {execFile} from 'node:child_process'
import {mkdir, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const openssl = async (...args: string[]) => (await promisify(execFile)('openssl', args)).stdout

describe.skipIf(!servers)("an organisation's CA with real clusters", () => {
  let ground: Ground
  let ca: string
  /** The root of the organisation, which kubectl-mesh never sees, and its issuing CA. */
  let org: string
  beforeEach(async () => {
    ground = await openGround(servers!)
    ca = join(ground.folder, 'mesh-ca')
    org = join(ground.folder, 'org')
    await mkdir(org)
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-noenc']
    const caOptions = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
    await openssl(
      ...['req', '-x509', ...newKey, '-keyout', join(org, 'root.key'), '-out', join(org, 'root.pem')],
      ...['-subj', '/O=Example/CN=Example Root', '-days', '3650', ...caOptions],
    )
    await openssl(
      ...['req', ...newKey, '-keyout', join(org, 'issuing.key'), '-out', join(org, 'issuing.csr')],
      ...[
        '-subj',
        '/O=Example/CN=Example Issuing',
        '-addext',
        'basicConstraints=critical,CA:TRUE,pathlen:1',
        ...caOptions,
      ],
    )
    await sign(join(org, 'issuing.csr'), join(org, 'issuing.pem'), 'root')
  })
  afterEach(() => ground?.close())

  const sign = (csr: string, out: string, by: 'root' | 'issuing') =>
    openssl(
      ...['x509', '-req', '-in', csr, '-CA', join(org, `${by}.pem`), '-CAkey', join(org, `${by}.key`)],
      ...['-days', '365', '-copy_extensions', 'copy', '-out', out],
    )
  const mesh = (...args: string[]) => ground.mesh(['ca', ...args, '--dir', ca])

  /** Has the requests signed: `signed/CLUSTER.pem` contains the certificate and that of the issuing CA. */
  async function signAll(): Promise<string> {
    const signed = join(ground.folder, 'signed')
    await mkdir(signed)
    for (const cluster of ['east', 'west']) {
      const out = join(signed, `${cluster}.pem`)
      await sign(join(ca, cluster, 'ca.csr'), out, 'issuing')
      await writeFile(out, (await readFile(out, 'utf8')) + (await readFile(join(org, 'issuing.pem'), 'utf8')))
    }
    return signed
  }

  it('request, openssl signs, import, federate: the key of the root is never needed', async () => {
    const requested = await mesh(
      ...['request', '--contexts', 'east,west', '--system-namespace', ground.namespace, '--organization', 'Example'],
    )
    expect(requested.code, requested.stderr).toBe(0)
    expect(requested.stdout).toBe(['east', 'west'].map(name => `${join(ca, name, 'ca.csr')}\n`).join(''))
    expect((await stat(join(ca, 'east', 'ca-key.pem'))).mode & 0o777).toBe(0o600)
    const early = await ground.federate(['--yes', '--ca-dir', ca])
    expect(early.code, early.stderr).toBe(2)
    expect(early.stderr).toMatch(/contains only requests \(east, west\), and no CA\nhint: {2}import the signed/)

    const signed = await signAll()
    const imported = await mesh('import', '--from', signed, '--root-cert', join(org, 'root.pem'))
    expect(imported.code, imported.stderr).toBe(0)
    expect(imported.stderr).not.toMatch(/warning/)
    // A repeat needs no --root-cert.
    const repeated = await mesh('import', '--from', signed)
    expect(repeated.stderr).toMatch(/^east: intermediate CA unchanged, valid until/m)

    const {code, stdout, stderr} = await ground.federate(['--yes', '--ca-dir', ca])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +ok .* joined\nwest +ok .* joined$/m)
    expect(await readdir(ca)).not.toContain('root-key.pem')
    for (const cluster of ['east', 'west']) {
      const path = `/api/v1/namespaces/${ground.namespace}/secrets/cacerts`
      const {data} = (await ground.cluster(cluster).api.get<{data: Record<string, string>}>(path))!
      const folder = join(ground.folder, `secret-${cluster}`)
      await mkdir(folder)
      for (const [name, value] of Object.entries(data))
        await writeFile(join(folder, name), Buffer.from(value, 'base64'))
      const [chain, own] = ['cert-chain.pem', 'ca-cert.pem'].map(name => join(folder, name))
      expect(
        await openssl('verify', '-x509_strict', '-CAfile', join(org, 'root.pem'), '-untrusted', chain!, own!),
      ).toContain(': OK')
      // Workloads present the chain in this order.
      const chained = (await readFile(chain!, 'utf8')).match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g)!
      expect(chained.map(text => `${text}\n`)[0]).toBe(await readFile(own!, 'utf8'))
      expect(await readFile(join(folder, 'root-cert.pem'), 'utf8')).toBe(await readFile(join(org, 'root.pem'), 'utf8'))
    }
    ground.reset()
    expect((await ground.federate(['--yes', '--ca-dir', ca])).code).toBe(0)
    expect(ground.writes()).toEqual([])
  })

  it("federate --ca-dir reads an organisation's folder with only the four files per cluster", async () => {
    await mesh('request', '--cluster', 'east,west', '--system-namespace', ground.namespace)
    await mesh('import', '--from', await signAll(), '--root-cert', join(org, 'root.pem'))
    for (const name of ['root-cert.pem', join('east', 'ca.csr'), join('west', 'ca.csr')]) await rm(join(ca, name))
    const {code, stderr} = await ground.federate(['--yes', '--ca-dir', ca])
    expect(code, stderr).toBe(0)
    const compared = await ground.mesh([
      'ca',
      'status',
      '--contexts',
      'east,west',
      '--system-namespace',
      ground.namespace,
      '--dir',
      ca,
    ])
    expect(compared.stdout).toMatch(/^east .*folder .*Example Issuing/m)
    expect(compared.stdout).toContain('all CAs share one root')
    // A cluster that the folder lacks: there is no key to issue its CA.
    await rm(join(ca, 'west'), {recursive: true})
    await ground.cluster('west').api.delete(`/api/v1/namespaces/${ground.namespace}/secrets/cacerts`)
    const lacking = await ground.federate(['--yes', '--ca-dir', ca])
    expect(lacking.code).toBe(3)
    expect(lacking.stderr).toMatch(
      /^error: west: \S+ has no intermediate CA for west, .*\nhint: .*\nhint: {2}or, without the key of the root: kubectl mesh ca request/m,
    )
  })

  it('all certificates that cannot be used are reported, and none is stored', async () => {
    await mesh('request', '--cluster', 'east,west')
    const signed = await signAll()
    const swapped = ['--cluster', `east=${join(signed, 'west.pem')}`, '--cluster', `west=${join(org, 'issuing.pem')}`]
    const {code, stdout, stderr} = await mesh('import', ...swapped, '--root-cert', join(org, 'root.pem'))
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toMatch(/^error: \S+west\.pem contains no certificate for \S+east\/ca-key\.pem/m)
    expect(stderr).toMatch(/^error: \S+issuing\.pem contains no certificate for \S+west\/ca-key\.pem/m)
    expect((await readdir(ca)).sort()).toEqual(['east', 'west'])
    // Signed as a server certificate.
    const plain = join(signed, 'plain.pem')
    await openssl(
      ...['x509', '-req', '-in', join(ca, 'east', 'ca.csr'), '-CA', join(org, 'root.pem')],
      ...['-CAkey', join(org, 'root.key'), '-out', plain],
    )
    const notCa = await mesh('import', '--cluster', `east=${plain}`, '--root-cert', join(org, 'root.pem'))
    expect(notCa.code).toBe(2)
    expect(notCa.stderr).toMatch(/is not a CA that may sign certificates\nhint: {2}sign the request as a CA/)
  })
})
