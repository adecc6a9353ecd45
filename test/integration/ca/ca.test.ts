import {execFile} from 'node:child_process'
import {chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterEach, describe, expect, it} from 'vitest'
import {makeRoot} from '../../support/ground/certificates.ts'
import {type Ground, type GroundOptions, openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const openssl = async (...args: string[]) => (await promisify(execFile)('openssl', args)).stdout

interface Secret {
  data: Record<string, string>
  metadata: {resourceVersion: string}
}

describe.skipIf(!servers)('mesh ca with real clusters', () => {
  let ground: Ground
  let ca: string
  afterEach(() => ground?.close())

  async function open(options: GroundOptions = {}): Promise<void> {
    ground = await openGround(servers!, options)
    ca = join(ground.folder, 'mesh-ca')
    const made = await ground.mesh(['ca', 'init', '--dir', ca])
    expect(made.code, made.stderr).toBe(0)
  }

  const cacerts = (cluster: string) =>
    ground.cluster(cluster).api.get<Secret>(`/api/v1/namespaces/${ground.namespace}/secrets/cacerts`)
  const status = (...args: string[]) =>
    ground.mesh(['ca', 'status', '--contexts', 'east,west', '--system-namespace', ground.namespace, ...args])

  it('federate issues missing intermediates, and the Secrets contain the files of the folder', async () => {
    await open()
    expect((await stat(ca)).mode & 0o777).toBe(0o700)
    expect((await stat(join(ca, 'root-key.pem'))).mode & 0o777).toBe(0o600)
    // One cluster already has an intermediate.
    const issued = await ground.mesh([
      'ca',
      'issue',
      '--dir',
      ca,
      '--cluster',
      'east',
      '--system-namespace',
      ground.namespace,
    ])
    expect(issued.code, issued.stderr).toBe(0)
    const east = await readFile(join(ca, 'east', 'ca-cert.pem'), 'utf8')

    const shown = await ground.federate(['--dry-run=server', '--ca-dir', ca])
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toContain(`/cacerts   (new; the intermediate CA is issued during apply)`)
    expect(shown.stdout).not.toContain('PRIVATE')
    expect(await readdir(ca)).not.toContain('west')

    const {code, stdout, stderr} = await ground.federate(['--yes', '--ca-dir', ca])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +ok .* joined\nwest +ok .* joined$/m)
    // The control planes used another root before.
    expect(stderr).toMatch(/^warning: west: istiod signs with a self-signed root until it restarts/m)
    expect(await readFile(join(ca, 'east', 'ca-cert.pem'), 'utf8')).toBe(east)
    for (const cluster of ['east', 'west']) {
      const {data} = (await cacerts(cluster))!
      expect(Object.keys(data).sort()).toEqual(['ca-cert.pem', 'ca-key.pem', 'cert-chain.pem', 'root-cert.pem'])
      for (const [name, value] of Object.entries(data))
        expect(Buffer.from(value, 'base64').toString()).toBe(await readFile(join(ca, cluster, name), 'utf8'))
      const file = join(ca, cluster, 'ca-cert.pem')
      expect(await openssl('verify', '-CAfile', join(ca, 'root-cert.pem'), file)).toContain(': OK')
      expect(await openssl('x509', '-in', file, '-noout', '-ext', 'subjectAltName')).toContain(
        `DNS:istiod.${ground.namespace}.svc`,
      )
    }

    const before = await Promise.all(['east', 'west'].map(cacerts))
    ground.reset()
    expect(await ground.federate(['--yes', '--ca-dir', ca])).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    expect(await Promise.all(['east', 'west'].map(cacerts))).toEqual(before)
    // A plugged-in CA is kept if a later run omits --ca-dir.
    expect((await ground.federate(['--dry-run=server', '--exit-code'])).code).toBe(0)
  })

  it('a plugged-in root is never replaced, not even with --force-conflicts', async () => {
    await open()
    expect((await ground.federate(['--yes', '--ca-dir', ca])).code).toBe(0)
    const other = join(ground.folder, 'other')
    expect((await ground.mesh(['ca', 'init', '--dir', other])).code).toBe(0)
    ground.reset()
    for (const args of [[], ['--force-conflicts']]) {
      const {code, stdout, stderr} = await ground.federate(['--yes', '--ca-dir', other, ...args])
      expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
      expect(stderr).toMatch(
        /^error: west: the root CA of its cacerts is (\w\w:){31}\w\w; expected that of \S+other, /m,
      )
      expect(stderr).toMatch(/^hint: {2}.*replacing the root breaks/m)
    }
    expect(ground.writes()).toEqual([])
    expect(await readdir(other)).not.toContain('west')
  })

  it.each<[string, (dir: string) => Promise<unknown>, RegExp, number]>([
    [
      'that does not exist',
      dir => rm(dir, {recursive: true}),
      /^error: \S+ does not exist\nhint: {2}create a root: kubectl mesh ca init --dir/m,
      2,
    ],
    [
      'that is empty',
      async dir => {
        await rm(dir, {recursive: true})
        await mkdir(dir)
      },
      /^error: \S+ has no root-cert\.pem: it is not a CA folder$/m,
      2,
    ],
    ['with a broken root', dir => writeFile(join(dir, 'root-cert.pem'), 'nonsense'), /^error: .*root-cert\.pem/m, 2],
    ['without its key', dir => rm(join(dir, 'root-key.pem')), /^error: west: .*no root-key\.pem to issue one$/m, 3],
    ['with a broken key', dir => writeFile(join(dir, 'root-key.pem'), 'nonsense'), /^error: .*root-key\.pem/m, 2],
    [
      'with a CA that lacks a file',
      dir => rm(join(dir, 'east', 'cert-chain.pem')),
      /^error: \S+east has no cert-chain\.pem\nhint: {2}issue it again/m,
      2,
    ],
    [
      'with a CA of another root',
      async dir => writeFile(join(dir, 'east', 'root-cert.pem'), await makeRoot('x')),
      /^error: \S+east was issued by a different root/m,
      2,
    ],
    [
      'with a key that does not fit',
      dir => cp(join(dir, 'root-key.pem'), join(dir, 'east', 'ca-key.pem')),
      /^error: .*east/m,
      3,
    ],
  ])('rejects a folder %s and writes nothing', async (_about, spoil, error, exit) => {
    await open()
    await ground.mesh(['ca', 'issue', '--dir', ca, '--cluster', 'east', '--system-namespace', ground.namespace])
    await spoil(ca)
    const {code, stdout, stderr} = await ground.federate(['--yes', '--ca-dir', ca])
    expect(ground.writes()).toEqual([])
    expect({code, stdout}, stderr).toEqual({code: exit, stdout: ''})
    expect(stderr).toMatch(error)
    expect(stderr).toMatch(/^hint: /m)
  })

  it('rejects an expired CA and writes nothing', async () => {
    await open()
    const dir = join(ca, 'east')
    await ground.mesh(['ca', 'issue', '--dir', ca, '--cluster', 'east', '--system-namespace', ground.namespace])
    // An intermediate that expired yesterday.
    const request = join(ground.folder, 'request.pem')
    const extensions = join(ground.folder, 'extensions')
    await writeFile(
      extensions,
      `basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectAltName=DNS:istiod.${ground.namespace}.svc\n`,
    )
    await openssl('req', '-new', '-key', join(dir, 'ca-key.pem'), '-subj', '/O=Istio/CN=east', '-out', request)
    const old = await openssl(
      ...['x509', '-req', '-in', request, '-CA', join(ca, 'root-cert.pem'), '-CAkey', join(ca, 'root-key.pem')],
      ...['-days', '-1', '-extfile', extensions],
    )
    await writeFile(join(dir, 'ca-cert.pem'), old)
    await writeFile(join(dir, 'cert-chain.pem'), old + (await readFile(join(ca, 'root-cert.pem'), 'utf8')))
    const {code, stdout, stderr} = await ground.federate(['--yes', '--ca-dir', ca])
    expect(ground.writes()).toEqual([])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(/^error: .*east.*(expired|ended|2020-01-02)/m)
  })

  it('ca status shows the CA of each cluster; exit 5 if they have different roots', async () => {
    await open()
    const apart = await status()
    expect(apart.stdout).toMatch(/^east /m)
    expect((await ground.federate(['--yes', '--ca-dir', ca])).code).toBe(0)
    const shared = await status('--dir', ca)
    expect(shared.stdout, shared.stderr).toMatch(/^CLUSTER/m)
    const json = JSON.parse((await status('-o', 'json')).stdout) as object
    expect(JSON.stringify(json)).not.toContain('PRIVATE')
    // Another root in the Secret of west.
    await ground.cluster('west').api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'cacerts', namespace: ground.namespace},
      data: {'root-cert.pem': Buffer.from(await makeRoot('x')).toString('base64')},
    })
    const broken = await status('--dir', ca)
    expect(broken.code).toBe(5)
    expect(broken.stdout).toMatch(/west/)
  })

  it('where istio-csr signs, the served root counts, and --ca-dir is refused', async () => {
    const [external, other] = [{ENABLE_CA_SERVER: 'false'}, await makeRoot('csr')]
    await open({controlPlane: context => (context === 'west' ? {env: external, rootCert: other} : {})})
    const refused = await ground.federate(['--yes', '--ca-dir', ca])
    expect({code: refused.code, stdout: refused.stdout}, refused.stderr).toEqual({code: 3, stdout: ''})
    expect(refused.stderr).toMatch(
      /^error: west: another CA than istiod issues the certificates \(ENABLE_CA_SERVER=false\): nothing would read the cacerts of \S+\nhint: {2}give this CA .* an issuer below the same root/m,
    )
    expect(refused.stderr).not.toMatch(/--context west .* restart/)
    const {code, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(
      /^error: west: its root CA \S+ is not that of east .*\nhint: {2}in west another CA than istiod/m,
    )
    expect(stderr).not.toMatch(/ca init|with --ca-dir/)
    expect(ground.writes()).toEqual([])
    // A cacerts from an earlier run is not read.
    const found = JSON.parse((await status('-o', 'json')).stdout) as {cas: {subject: string; problems: unknown[]}[]}
    expect(found.cas.map(({subject}) => subject)).toEqual(['O=shared', 'O=csr'])
  })

  it('cacerts in both layouts: every command reads the root that istiod reads', async () => {
    await open()
    const joined = await ground.federate(['--yes', '--ca-dir', ca])
    expect(joined.code, joined.stderr).toBe(0)
    // cert-manager writes the CA of another root into the Secret.
    const other = join(ground.folder, 'other')
    const at = ['--dir', other, '--cluster', 'west', '--system-namespace', ground.namespace]
    for (const args of [
      ['init', '--dir', other],
      ['issue', ...at],
    ])
      expect((await ground.mesh(['ca', ...args])).code).toBe(0)
    const files = {'tls.crt': 'ca-cert.pem', 'tls.key': 'ca-key.pem', 'ca.crt': 'root-cert.pem'}
    const data: Record<string, string> = {}
    for (const [key, file] of Object.entries(files))
      data[key] = Buffer.from(await readFile(join(other, 'west', file), 'utf8')).toString('base64')
    const metadata = {name: 'cacerts', namespace: ground.namespace}
    await ground.cluster('west').api.apply({apiVersion: 'v1', kind: 'Secret', metadata, data})
    ground.reset()
    const {code, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(/^error: west: its root CA \S+ is not that of east /m)
    expect(ground.writes()).toEqual([])
    const verified = await ground.mesh([
      'federate',
      'verify',
      ...ground.all.filter(word => !word.includes('=') && word !== '--server'),
    ])
    expect(verified.stdout).toMatch(/root CA \S+ differs from that of east/)
    expect((await status()).code).toBe(5)
  })

  it('ca status names a cluster that does not answer', async () => {
    await open()
    ground.cluster('west').proxy.decide = () => 'reset'
    const {code, stderr} = await status()
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error: .*west/m)
  })

  it('ca init refuses to overwrite a root; federate warns of readable keys', async () => {
    await open()
    const key = await readFile(join(ca, 'root-key.pem'), 'utf8')
    const again = await ground.mesh(['ca', 'init', '--dir', ca])
    expect(again).toMatchObject({code: 3, stdout: ''})
    expect(await readFile(join(ca, 'root-key.pem'), 'utf8')).toBe(key)
    await chmod(join(ca, 'root-key.pem'), 0o644)
    const result = await ground.federate(['--yes', '--ca-dir', ca])
    expect(result.code, result.stderr).toBe(0)
    expect(result.stderr).toMatch(
      /^warning: \S+root-key\.pem is readable by other users \(mode 0644\)\nhint: {2}chmod 600/m,
    )
  })
})
