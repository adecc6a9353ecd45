import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {caExtensions, ecKey, makeCertificate, openssl} from '../../pki/support.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {type IngressGround, makeNode, openIngressGround} from './support.ts'

const host = 'shop.example.com'
const names = (...all: string[]) => [`subjectAltName=${all.map(name => `DNS:${name}`).join(',')}`]

describe.skipIf(!sharedServers())('ingress tls on a real API server', () => {
  let ground: IngressGround
  let before: unknown
  const key = ecKey()
  const pem = makeCertificate({key, subject: '/CN=shop', extensions: names(host), days: 90})

  beforeAll(async () => {
    ground = await openIngressGround()
    await makeNode(ground.api, 'n1')
    expect(await ground.ingress('deploy', '-n', 'edge', '--no-wait', '--yes')).toMatchObject({code: 0})
    await ground.file('key.pem', key)
    await ground.file('cert.pem', pem)
    before = await ground.snapshot()
  })
  afterAll(() => ground?.close())

  const serve = (...args: string[]) => ground.ingress('tls', host, ...args)
  const files = () => ['--cert', `${ground.folder}/cert.pem`, '--key', `${ground.folder}/key.pem`]

  it('reports every problem with certificate and key at once and writes nothing', async () => {
    const small = openssl(['genrsa', '512'])
    const bad = makeCertificate({key: small, subject: '/CN=old', extensions: names('other.example.com'), days: -1})
    const cert = await ground.file('bad.pem', bad)
    const der = await ground.file('key.der', derKey(key))
    const {code, stdout, stderr} = await serve('--cert', cert, '--key', der, '--yes')
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain('expired on')
    expect(stderr).toContain(`CN=old is not valid for ${host}`)
    expect(stderr).toContain('an RSA key with 512 bits')
    expect(stderr).toContain('key.der is binary (DER)')
    expect(stderr).toContain('openssl pkey -inform der')
    expect(await ground.snapshot()).toEqual(before)
  })

  it('creates Secret and Gateway in the namespace of the gateway; no output contains the key', async () => {
    const shown = await serve(...files(), '--redirect', '--dry-run=server')
    expect(shown).toMatchObject({code: 0})
    expect(shown.stdout).toContain('*** (hash')
    const made = await serve(...files(), '--redirect', '--yes', '-v=6')
    expect(made).toMatchObject({code: 0})
    expect(made.stdout).toContain('secret/shop-example-com-tls serverside-applied')
    const secrets = [key, Buffer.from(key).toString('base64')].flatMap(text => text.match(/[A-Za-z0-9+/=]{40,}/g)!)
    for (const text of [shown.stdout, shown.stderr, made.stdout, made.stderr])
      for (const secret of secrets) expect(text).not.toContain(secret)
    const gateway = await ground.api.get<AnyObject>(
      '/apis/networking.istio.io/v1/namespaces/edge/gateways/shop-example-com',
    )
    expect(gateway!.spec).toMatchObject({
      selector: {istio: 'ingressgateway'},
      servers: [
        {hosts: [host], port: {number: 443}, tls: {mode: 'SIMPLE', credentialName: 'shop-example-com-tls'}},
        {hosts: [host], port: {number: 80}, tls: {httpsRedirect: true}},
      ],
    })
    expect(await serve(...files(), '--redirect', '--yes')).toMatchObject({code: 0, stdout: ''})
    const again = await serve(...files(), '--redirect', '--dry-run=server', '--exit-code')
    expect(again).toEqual({code: 0, stdout: '# one: 3 unchanged\n', stderr: ''})
  })

  it('a new certificate replaces the old one and changes nothing else', async () => {
    const newKey = ecKey()
    const cert = makeCertificate({key: newKey, subject: '/CN=shop', extensions: names(host), days: 20})
    const args = ['--cert', await ground.file('new.pem', cert), '--key', await ground.file('new-key.pem', newKey)]
    const {code, stdout, stderr} = await serve(...args, '--yes')
    // The redirect remains without --redirect.
    expect(code, stderr).toBe(0)
    // The record has the new paths, for `export`.
    const changed = stdout.split('\n').filter(line => !line.startsWith('configmap/kubectl-mesh-'))
    expect(changed).toEqual(['secret/shop-example-com-tls serverside-applied (one)', ''])
    expect(stderr).toContain('warning: CN=shop expires in 19 days')
  })

  it('refuses a host that another Gateway serves', async () => {
    await ground.api.create(gatewayOf('theirs', 'default', ['taken.example.com'], 'x'))
    const cert = makeCertificate({key, subject: '/CN=t', extensions: names('taken.example.com'), days: 90})
    const file = await ground.file('taken.pem', cert)
    const {code, stderr} = await ground.ingress(
      ...['tls', 'taken.example.com', '--cert', file, '--key', `${ground.folder}/key.pem`, '--yes'],
    )
    expect(code).toBe(3)
    expect(stderr).toContain('Gateway default/theirs already serves taken.example.com on port 443 (IST0145)')
  })

  it('uses an existing Secret after checking it; --mutual requires its CA', async () => {
    const cert = makeCertificate({key, subject: '/CN=m', extensions: names('m.example.com'), days: 90})
    const data = {'tls.crt': base64(cert), 'tls.key': base64(key)}
    const secret = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'm', namespace: 'edge'}, type: 'Opaque', data}
    await ground.api.create(secret as AnyObject)
    const args = ['tls', 'm.example.com', '--secret', 'm', '--mutual', '--yes']
    const missing = await ground.ingress(...args)
    expect(missing).toMatchObject({code: 3, stdout: ''})
    expect(missing.stderr).toContain('Secret edge/m has no ca.crt, which mode MUTUAL requires')
    const ca = makeCertificate({key: ecKey(), subject: '/CN=ca', extensions: caExtensions})
    await ground.api.replace({...secret, data: {...data, 'ca.crt': base64(ca)}} as AnyObject, 'test')
    expect(await ground.ingress(...args)).toMatchObject({code: 0})
    // A run with fewer flags keeps the settings, and a file has to name the setting that it drops.
    expect(await ground.ingress('tls', 'm.example.com', '--yes')).toMatchObject({code: 0, stdout: ''})
    const file = await ground.file(
      'm.yaml',
      'apiVersion: kubectl-mesh.io/v1alpha1\nkind: IngressTls\nspec: {secret: m}\n',
    )
    const open = await ground.ingress('tls', 'm.example.com', '-f', file, '--yes')
    expect(open).toMatchObject({code: 2, stdout: ''})
    expect(open.stderr).toContain('clients will no longer need a certificate; now they need one')
    expect(open.stderr).toContain('add --reset mutual')
    const other = await ground.ingress('tls', 'n.example.com', '--secret', 'm', '--yes')
    expect(other).toMatchObject({code: 3})
    expect(other.stderr).toContain('CN=m is not valid for n.example.com')
    const nowhere = await ground.ingress('tls', 'n.example.com', '--secret', 'nowhere', '--yes')
    expect(nowhere.stderr).toContain('Secret edge/nowhere does not exist')
  })

  it('lists all certificates, the first to expire on top', async () => {
    const {code, stdout} = await ground.ingress('tls', '--list', '-o', 'wide')
    expect(stdout).toMatch(/^HOST +GATEWAY +PORT +SECRET +EXPIRES +AGE +MODE +SUBJECT +ISSUER\n/)
    expect(stdout).toMatch(
      /\nshop\.example\.com +edge\/shop-example-com +443 +edge\/shop-example-com-tls +\S+ \(in 19 days\)/,
    )
    expect(stdout).toMatch(/\nm\.example\.com +edge\/m-example-com +443 +edge\/m +\S+ \(in 89 days\) +\S+ +MUTUAL/)
    // The Gateway `theirs` refers to a Secret that does not exist.
    expect(stdout).toContain('✘ Gateway default/theirs: Secret edge/x does not exist')
    expect(code).toBe(5)
    const json = await ground.ingress('tls', '--list', '-o', 'json')
    expect(JSON.parse(json.stdout).certificates).toHaveLength(3)
    expect(json.stdout).not.toContain('PRIVATE')
  })

  it('--remove removes what was created for the host, object by object, and keeps an existing Secret', async () => {
    await ground.api.delete('/apis/networking.istio.io/v1/namespaces/default/gateways/theirs')
    expect(await serve(...['--remove', '--cert', 'x', '--yes'])).toMatchObject({code: 2})
    const shown = await serve('--remove', '--dry-run=server')
    expect(shown.stdout).toContain('shop-example-com-tls')
    expect(await serve('--remove', '--yes')).toMatchObject({code: 0})
    expect(await ground.ingress('tls', 'm.example.com', '--remove', '--yes')).toMatchObject({code: 0})
    const secret = '/api/v1/namespaces/edge/secrets/m'
    expect(await ground.api.get(secret)).toBeDefined()
    await ground.api.delete(secret)
    expect(await ground.snapshot()).toEqual(before)
    const again = await serve('--remove', '--yes')
    expect(again).toMatchObject({code: 0})
    expect(again.stderr).toContain(`nothing to remove: there is no certificate of ${host} in one`)
  })

  it('--remove refuses a host that another owner serves', async () => {
    await ground.api.create(gatewayOf('theirs', 'default', ['taken.example.com'], 'x'))
    const {code, stderr} = await ground.ingress('tls', 'taken.example.com', '--remove', '--yes')
    expect(code).toBe(3)
    expect(stderr).toContain('is served by Gateway default/theirs')
  })

  it('refuses a gateway that does not exist', async () => {
    const {code, stderr} = await serve(...files(), '--gateway', 'missing', '--yes')
    expect(code).toBe(3)
    expect(stderr).toContain('no gateway named missing')
    expect(stderr).toContain('gateways in this cluster: edge/istio-ingressgateway')
  })
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function derKey(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
}

function gatewayOf(name: string, namespace: string, hosts: string[], credentialName: string): AnyObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name, namespace},
    spec: {
      selector: {istio: 'ingressgateway'},
      servers: [{hosts, port: {name: 'https', number: 443, protocol: 'HTTPS'}, tls: {mode: 'SIMPLE', credentialName}}],
    },
  } as AnyObject
}
