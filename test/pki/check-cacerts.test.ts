import {beforeAll, describe, expect, test} from 'vitest'
import {readAuthority} from '../../src/pki/authority.ts'
import {caData} from '../../src/pki/ca-certs.ts'
import {type CaData, checkCacerts} from '../../src/pki/check-cacerts.ts'
import {issueIntermediate} from '../../src/pki/issue.ts'
import {authorityPem, caExtensions, ecKey, inDays, makeCertificate, openssl} from './support.ts'

interface Pair {
  certificate: string
  key: string
}

/** `cacerts` in the layout of Istio's tools/certs. */
function dataOf(own: Pair, chain: string, root: string): CaData {
  return {'ca-cert.pem': own.certificate, 'ca-key.pem': own.key, 'cert-chain.pem': chain, 'root-cert.pem': root}
}

/** A CA below `issuer`, issued by openssl, so that it can have any error. */
function caBelow(
  issuer: Pair,
  more: {extensions?: string[]; subject?: string; days?: number; digest?: string; key?: string} = {},
): Pair {
  const key = more.key ?? ecKey()
  return {key, certificate: makeCertificate({subject: '/CN=own', ...more, key, issuer})}
}

let good: CaData
let root: Pair
let below: (more?: Parameters<typeof caBelow>[1], chain?: (own: string) => string) => CaData

beforeAll(async () => {
  const key = ecKey()
  root = {key, certificate: makeCertificate({key})}
  const authority = readAuthority(authorityPem(root.certificate, key), new Date())
  good = caData(
    await issueIntermediate({
      authority,
      cluster: 'east',
      systemNamespace: 's',
      keyType: 'ecdsa-p256',
      now: new Date(),
      days: 300,
    }),
  )
  below = (more, chain = own => own + root.certificate) => {
    const own = caBelow(root, more)
    return dataOf(own, chain(own.certificate), root.certificate)
  }
})

const messages = (data: CaData, now = new Date()) => checkCacerts(data, now).map(({message}) => message)

describe('accepts', () => {
  test('CAs that kubectl-mesh issues', () => expect(checkCacerts(good, new Date())).toEqual([]))
  test('CAs that openssl issues', () => expect(checkCacerts(below(), new Date())).toEqual([]))
  test('no keys at all, and other keys', () => {
    expect(checkCacerts({}, new Date())).toEqual([])
    expect(checkCacerts({'istio-generated': '', other: 'x'}, new Date())).toEqual([])
  })
  test('the root itself as CA', () => {
    expect(messages(dataOf(root, root.certificate, root.certificate))).toEqual([])
    expect(messages(dataOf(root, '', root.certificate))).toEqual([])
  })
  test('a second root beside that of the CA', () => {
    const other = makeCertificate({key: ecKey()})
    expect(messages({...good, 'root-cert.pem': other + good['root-cert.pem']})).toEqual([])
  })
  test('an issuing CA between, in any order', () => {
    const middle = caBelow(root, {subject: '/CN=middle'})
    const own = caBelow(middle)
    expect(messages(dataOf(own, own.certificate + middle.certificate, root.certificate))).toEqual([])
    expect(messages(dataOf(own, root.certificate + middle.certificate + own.certificate, root.certificate))).toEqual([])
  })
  test('an extended key usage with server authentication', () => {
    expect(messages(below({extensions: [...caExtensions, 'extendedKeyUsage=serverAuth,clientAuth']}))).toEqual([])
    expect(messages(below({extensions: [...caExtensions, 'extendedKeyUsage=2.5.29.37.0']}))).toEqual([])
  })
  test('the layout of kubernetes.io/tls', () => {
    const tls = {'tls.crt': good['ca-cert.pem'], 'tls.key': good['ca-key.pem'], 'ca.crt': good['root-cert.pem']}
    expect(checkCacerts(tls, new Date())).toEqual([])
    expect(messages({...tls, 'ca-cert.pem': 'is not read'})).toEqual([])
  })
})

describe('rejects', () => {
  test.each(['ca-cert.pem', 'ca-key.pem', 'cert-chain.pem', 'root-cert.pem'])('a set without %s', key => {
    const {[key]: _, ...rest} = good
    expect(messages(rest)).toEqual([`${key} is missing; istiod 1.27 and later does not start with an incomplete set`])
    expect(messages({[key]: good[key]})[0]).toMatch(/^\S+, \S+, \S+ are missing;/)
  })

  test('tls.crt beside a complete set', () => {
    expect(messages({...good, 'tls.crt': good['ca-cert.pem']})).toEqual([
      'tls.key, ca.crt are missing; istiod 1.27 and later does not start with an incomplete set (if tls.crt exists, istiod reads only tls.crt, tls.key and ca.crt)',
    ])
  })

  test('the key of another CA', () => {
    expect(messages({...good, 'ca-key.pem': ecKey()})).toEqual([
      'ca-key.pem does not match ca-cert.pem (O=Istio, CN=Intermediate CA, L=east)',
    ])
  })

  test('a key after its parameters', () => {
    const key = openssl(['ecparam', '-name', 'prime256v1', '-genkey'])
    expect(messages(below({key}))).toEqual([
      'ca-key.pem begins with EC PARAMETERS; istiod reads only the first block and expects the key there',
    ])
  })

  test('an encrypted key', () => {
    const encrypted = openssl(['pkcs8', '-topk8', '-passout', 'pass:long-enough'], good['ca-key.pem'])
    expect(messages({...good, 'ca-key.pem': encrypted})[0]).toMatch(/^ca-key\.pem is encrypted/)
  })

  test('a certificate that is not a CA, or may not sign', () => {
    const message = 'ca-cert.pem (CN=own) is not a CA that may sign certificates'
    expect(messages(below({extensions: ['basicConstraints=critical,CA:false']}))).toEqual([message])
    expect(messages(below({extensions: ['basicConstraints=critical,CA:true', 'keyUsage=digitalSignature']}))).toEqual([
      message,
    ])
  })

  test('expired, or not valid yet', () => {
    expect(messages(good, inDays(301))[0]).toMatch(
      /^ca-cert\.pem does not verify up to root-cert\.pem: .*L=east expired on 2/,
    )
    expect(messages(good, inDays(4000))[0]).toMatch(/expired on/)
    expect(messages(good, inDays(-1))[0]).toMatch(/is not valid before 2/)
  })

  test('an expired root above', () => {
    const key = ecKey()
    const old = {key, certificate: makeCertificate({key, days: 5})}
    const own = caBelow(old)
    expect(messages(dataOf(own, own.certificate, old.certificate), inDays(6))[0]).toMatch(/CN=Example Root expired on/)
  })

  test('another root', () => {
    const other = makeCertificate({key: ecKey(), subject: '/CN=other'})
    expect(messages({...good, 'root-cert.pem': other})).toEqual([
      'ca-cert.pem does not verify up to root-cert.pem: O=Example, CN=Example Root is self-signed, but not one of the roots',
    ])
  })

  test('another root of the same name', () => {
    const twin = makeCertificate({key: ecKey()})
    const {'ca-cert.pem': own = ''} = good
    expect(messages({...good, 'cert-chain.pem': own, 'root-cert.pem': twin})[0]).toMatch(
      /the signature of .* does not match the key of O=Example/,
    )
  })

  test('an issuing CA that is missing from the chain', () => {
    const own = caBelow(caBelow(root, {subject: '/CN=middle'}))
    expect(messages(dataOf(own, own.certificate, root.certificate))).toEqual([
      'ca-cert.pem does not verify up to root-cert.pem: CN=own is signed by CN=middle, which is neither in the chain nor a root',
    ])
  })

  test('an issuing certificate that is not a CA', () => {
    const middle = caBelow(root, {subject: '/CN=middle', extensions: ['basicConstraints=CA:false']})
    const own = caBelow(middle)
    expect(messages(dataOf(own, own.certificate + middle.certificate, root.certificate))[0]).toMatch(
      /CN=middle is not a CA that may sign certificates/,
    )
  })

  test('a path length that workload certificates exceed', () => {
    const limit = ['basicConstraints=critical,CA:true,pathlen:0', ...caExtensions.slice(1)]
    const middle = caBelow(root, {subject: '/CN=middle', extensions: limit})
    const own = caBelow(middle)
    expect(messages(dataOf(own, own.certificate + middle.certificate, root.certificate))[0]).toMatch(
      /CN=middle allows 0 CAs below it \(pathlen\); the chain has 1$/,
    )
  })

  test('a path length that the CA exceeds', () => {
    const key = ecKey()
    const limit = ['basicConstraints=critical,CA:true,pathlen:0', ...caExtensions.slice(1)]
    const tight = {key, certificate: makeCertificate({key, extensions: limit})}
    const middle = caBelow(tight, {subject: '/CN=middle'})
    const own = caBelow(middle)
    expect(messages(dataOf(own, own.certificate + middle.certificate, tight.certificate))[0]).toMatch(
      /the chain has 2$/,
    )
  })

  test('a signature with SHA-1', () => {
    expect(messages(below({digest: 'sha1'}))[0]).toMatch(/CN=own is signed with SHA-1 or MD5/)
  })

  test('an extended key usage without server authentication', () => {
    expect(messages(below({extensions: [...caExtensions, 'extendedKeyUsage=clientAuth']}))[0]).toMatch(
      /CN=own has an extended key usage without server authentication/,
    )
  })

  test('a chain without the CA itself', () => {
    const {certificate} = root
    expect(messages(below({}, () => certificate))).toEqual([
      'cert-chain.pem does not contain ca-cert.pem; other clusters cannot verify workloads without it',
    ])
    expect(messages(below({}, () => ''))).toHaveLength(1)
  })

  test.each(['ca-cert.pem', 'root-cert.pem', 'cert-chain.pem'])('%s that contains a private key', key => {
    expect(messages({...good, [key]: good[key]! + root.key})[0]).toMatch(/ contains a private key/)
  })

  test.each(['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem'])('%s that is not PEM', key => {
    expect(messages({...good, [key]: 'words'})[0]).toMatch(`${key} contains no `)
  })

  test('every problem at once, each with a hint', () => {
    const problems = checkCacerts(
      {...below({extensions: ['basicConstraints=critical,CA:false']}), 'ca-key.pem': ecKey()},
      inDays(9999),
    )
    expect(problems.map(({message}) => message)).toEqual([
      expect.stringMatching(/does not match/),
      expect.stringMatching(/is not a CA/),
      expect.stringMatching(/expired on/),
    ])
    for (const {hints} of problems) expect(hints?.length).toBeGreaterThan(0)
  })

  test('the search ends if there are very many possible paths to a root', () => {
    const key = ecKey()
    const twins = Array.from({length: 12}, () => makeCertificate({key, subject: '/CN=loop'}))
    const own = caBelow({key, certificate: twins[0]!})
    const loops = twins.join('')
    const strayRoot = makeCertificate({key: ecKey(), subject: '/CN=stray'})
    expect(messages(dataOf(own, own.certificate + loops, strayRoot))[0]).toMatch(/too many possible paths to a root$/)
  })
})
