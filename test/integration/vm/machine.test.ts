import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {buildBundle} from '../../../src/features/vm/bundle/files.ts'
import {sourceOf} from '../../features/vm/bundle/support.ts'
import {labFolder} from '../../support/binaries.ts'
import {type Ran, run, runOk} from '../../support/run.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const tools = join(labFolder, 'vm-tools.sh')
const {validate: canValidate, boot: canBoot} = inject('machineTools')

/** An unsigned token in the form of Kubernetes that expires in an hour. */
function tokenOf(id: string, lifetimeSeconds = 3600): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({alg: 'none'})}.${part({id, exp: Math.round(Date.now() / 1000) + lifetimeSeconds})}.c2ln`
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-machine-'))
})
afterAll(() => rm(folder, {recursive: true, force: true}))

/** Writes a bundle and returns its folder. */
async function write(name: string, ...source: Parameters<typeof sourceOf>): Promise<string> {
  const place = join(folder, name)
  await mkdir(place)
  for (const [file, {text, mode}] of Object.entries(buildBundle(sourceOf(...source), 'ansible')))
    await writeFile(join(place, file), text, {mode})
  return place
}

describe.skipIf(!canValidate)('the files for a machine', () => {
  test('are valid shell scripts', async () => {
    const place = await write('shell', {name: 'web', gateway: {addresses: [], hostName: 'lb.example.com'}})
    const script = join(place, 'install-web.sh')
    await writeFile(script, buildBundle(sourceOf(), 'script')['install-web.sh']!.text)
    await runOk(['shellcheck', join(place, 'install.sh'), join(place, 'kubectl-mesh-vm'), script])
  })

  test('are valid cloud-init user data', async () => {
    const file = join(folder, 'user-data')
    await writeFile(file, buildBundle(sourceOf(), 'cloud-init')['user-data']!.text)
    expect(await runOk([tools, 'cloud-init', 'schema', '--config-file', file])).toContain('Valid cloud-config')
  })

  test('are a valid Ansible playbook', async () => {
    const place = await write('play')
    await runOk([tools, 'ansible-playbook', '--syntax-check', join(place, 'play.yaml')])
  })
})

describe.skipIf(!canBoot)('a machine', () => {
  let root: string
  let count = 0

  /** Runs a command as root on the machine. */
  const on = (...argv: string[]): Promise<Ran> => run([join(labFolder, 'machine.sh'), root, '--', ...argv])
  const install = (...args: string[]) => on('sh', '/root/bundle/install.sh', ...args)

  /** A new machine with a bundle on it. */
  async function machine(...source: Parameters<typeof sourceOf>): Promise<void> {
    root = join(folder, `root-${++count}`)
    await mkdir(root)
    expect(await on('true')).toMatchObject({code: 0})
    await bring(...source)
  }

  async function bring(...source: Parameters<typeof sourceOf>): Promise<void> {
    const place = await write(`bundle-${Math.random()}`, ...source)
    await rm(join(root, 'root/bundle'), {recursive: true, force: true})
    await runOk(['cp', '-r', place, join(root, 'root/bundle')])
  }

  /** The paths, modes, owners and contents of the machine, except what a reboot deletes and the log of the systemctl stub. */
  async function state(): Promise<string> {
    const excluded = ['usr', 'proc', 'dev', 'run', 'root', 'tmp', 'etc/alternatives', 'var/log'].flatMap(path => [
      '-path',
      `./${path}`,
      '-o',
    ])
    const find = `find . \\( ${excluded.slice(0, -1).join(' ')} \\) -prune -o \\( -type f -printf '%p %m %u %g ' -exec sha256sum {} \\; -o -printf '%p %m %u %g %l\\n' \\) | sort`
    return runOk(['sh', '-c', find], {cwd: root})
  }

  const text = (path: string) => readFile(join(root, path), 'utf8')
  const systemctlCalls = async () => (await text('var/log/systemctl')).trim().split('\n')

  test('is installed, is unchanged by a second run, and is restored by uninstall', async () => {
    await machine({token: tokenOf('a')})
    await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n10.0.0.9 mine\n')
    await mkdir(join(root, 'var/lib/istio/config'), {recursive: true})
    await runOk(['ln', '-s', '/var/lib/istio', join(root, 'etc/istio')])
    await writeFile(join(root, 'var/lib/istio/config/mesh'), '')
    const before = await state()

    const first = await install()
    expect(first.code, first.stderr).toBe(0)
    expect(await text('etc/hosts')).toBe(
      '127.0.0.1 localhost\n10.0.0.9 mine\n# begin kubectl-mesh web\n203.0.113.11 istiod.istio-system.svc\n# end kubectl-mesh web\n',
    )
    expect(await text('var/lib/istio/config/mesh')).toContain('discoveryAddress')
    expect(await systemctlCalls()).toContain('restart istio.service')
    const installed = await state()

    const again = await install()
    expect(again).toMatchObject({code: 0, stdout: expect.stringContaining('nothing to do')})
    expect(again.stdout).not.toContain('wrote')
    expect((await systemctlCalls()).filter(words => words.startsWith('restart'))).toHaveLength(1)
    expect(await state()).toBe(installed)

    // Files that the agent writes while it runs.
    for (const file of ['cert-chain.pem', 'key.pem', 'root-cert.pem'])
      await writeFile(join(root, 'etc/certs', file), file)
    expect(await install('uninstall')).toMatchObject({code: 0})
    expect(await state()).toBe(before)
    expect(await readdir(join(root, 'run/secrets'))).toEqual([])
    expect(await install('uninstall')).toMatchObject({code: 0, stdout: expect.stringContaining('nothing to do')})
  })

  test('keeps its token after a reboot, with an empty tmpfs', async () => {
    await machine({token: tokenOf('a')})
    await install()
    await rm(join(root, 'run'), {recursive: true})
    await mkdir(join(root, 'run'))
    expect(await on('kubectl-mesh-vm', 'prepare')).toMatchObject({code: 0})
    expect(await text('run/secrets/tokens/istio-token')).toBe(await text('root/bundle/istio-token'))
    const modes = await runOk(
      [
        'stat',
        '-c',
        '%a %u',
        'run/secrets/tokens',
        'run/secrets/tokens/istio-token',
        'var/lib/kubectl-mesh',
        'var/lib/kubectl-mesh/istio-token',
      ],
      {cwd: root},
    )
    // Root owns the folder: istio-proxy can read the token, but not replace the folder by a link.
    expect(modes).toBe('755 0\n600 1337\n700 0\n600 0\n')
  })

  test('a new bundle is applied; an old one does not replace a newer token', async () => {
    await machine({token: tokenOf('a')})
    await install()
    const renewed = tokenOf('b')
    const input = `${renewed}\n-----BEGIN CERTIFICATE-----\nnew\n-----END CERTIFICATE-----\n`
    const argv = [join(labFolder, 'machine.sh'), root, '--', 'kubectl-mesh-vm', 'renew']
    expect(await run(argv, {input})).toMatchObject({code: 0, stdout: 'renewed: web\n'})
    expect((await text('run/secrets/tokens/istio-token')).trim()).toBe(renewed)
    expect(await text('etc/certs/root-cert.pem')).toContain('new')
    expect((await systemctlCalls()).at(-1)).toBe('restart istio')
    await install()
    expect((await text('run/secrets/tokens/istio-token')).trim()).toBe(renewed)
    await bring({token: tokenOf('c'), network: 'other'})
    expect(await install()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('wrote /var/lib/istio/envoy/cluster.env'),
    })
    expect(await text('run/secrets/tokens/istio-token')).toBe(await text('root/bundle/istio-token'))
    expect(await text('var/lib/istio/envoy/cluster.env')).toContain('ISTIO_META_NETWORK=other')
  })

  test.each(['', 'no token', 'a.b'])('renew rejects %j and keeps the existing token', async input => {
    await machine({token: tokenOf('a')})
    await install()
    const before = await state()
    const argv = [join(labFolder, 'machine.sh'), root, '--', 'kubectl-mesh-vm', 'renew']
    expect(await run(argv, {input})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('stdin contains no token'),
    })
    expect(await state()).toBe(before)
  })

  test('reports everything that is missing, and changes nothing', async () => {
    await machine({token: tokenOf('a')})
    await rm(join(root, 'local/bin/envoy'))
    await rm(join(root, 'root/bundle/hosts'))
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n')
    const before = await state()
    const {code, stderr} = await install()
    expect(code).toBe(1)
    expect(stderr).toMatch(/envoy is missing/)
    expect(stderr).toMatch(/user istio-proxy is missing/)
    expect(stderr).toMatch(/bundle\/hosts is missing/)
    expect(await state()).toBe(before)
  })

  test('can be registered only once', async () => {
    await machine({token: tokenOf('a')})
    await install()
    await bring({name: 'other', token: tokenOf('b')})
    expect(await install()).toMatchObject({code: 1, stderr: expect.stringContaining('this machine is already vm/web')})
    expect(await install('uninstall')).toMatchObject({code: 1, stderr: expect.stringContaining('not vm/other')})
  })

  test('resolves the host name of a load balancer again', async () => {
    await machine({token: tokenOf('a'), gateway: {addresses: ['203.0.113.1'], hostName: 'lb.test'}})
    await writeFile(join(root, 'etc/hosts'), '203.0.113.2 lb.test\n')
    await install()
    expect(await text('etc/hosts')).toContain('\n203.0.113.2 istiod.istio-system.svc\n')
    const now = (await text('etc/hosts')).replace('203.0.113.2 lb.test', '203.0.113.3 lb.test')
    await writeFile(join(root, 'etc/hosts'), now)
    await on('kubectl-mesh-vm', 'check')
    expect(await text('etc/hosts')).toContain('\n203.0.113.3 istiod.istio-system.svc\n')
    // The host name cannot be resolved: the previous address stays.
    await writeFile(join(root, 'etc/hosts'), (await text('etc/hosts')).replace('203.0.113.3 lb.test\n', ''))
    await on('kubectl-mesh-vm', 'check')
    expect(await text('etc/hosts')).toContain('\n203.0.113.3 istiod.istio-system.svc\n')
  })

  test('reports when its identity is about to expire', async () => {
    await machine({token: tokenOf('a', -60)})
    await install()
    const certificate = async (days: string) => {
      const key = join(root, 'root/key.pem')
      const request = [
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-subj',
        '/O=x',
      ]
      const csr = await runOk(['openssl', ...request, '-keyout', key])
      const chain = await runOk(['openssl', 'x509', '-req', '-signkey', key, '-days', days], {input: csr})
      await writeFile(join(root, 'etc/certs/cert-chain.pem'), chain)
    }
    const renew = expect.stringContaining('hint: kubectl mesh vm renew web -n vm --ssh THIS-MACHINE')
    expect(await on('kubectl-mesh-vm', 'check')).toMatchObject({code: 1, stderr: renew})
    await certificate('1')
    expect(await on('kubectl-mesh-vm', 'check')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('the certificate is valid'),
    })
    await certificate('-1')
    expect(await on('kubectl-mesh-vm', 'check')).toMatchObject({code: 1, stderr: renew})
    await bring({token: tokenOf('b')})
    await install()
    expect(await on('kubectl-mesh-vm', 'check')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('token is valid'),
    })
  })

  describe('an attack by istio-proxy', () => {
    /** Runs a shell command on the machine as istio-proxy. */
    const asProxy = (command: string) =>
      on('setpriv', '--reuid', '1337', '--regid', '1337', '--clear-groups', 'sh', '-c', command)
    /** Mode and owner of each path on the machine. */
    const owners = (...paths: string[]) => on('stat', '-c', '%a %u %n', ...paths).then(({stdout}) => stdout)
    const renew = (input: string) =>
      run([join(labFolder, 'machine.sh'), root, '--', 'kubectl-mesh-vm', 'renew'], {input})
    const victims = ['/root', '/etc/cron.d', '/etc/shadow']

    /** A machine with the folders as Istio's package creates them. */
    async function packaged(): Promise<void> {
      await machine({token: tokenOf('a')})
      const script = `mkdir -p /var/lib/istio/envoy /var/lib/istio/config /var/lib/istio/proxy /etc/certs /etc/cron.d
        ln -s /var/lib/istio /etc/istio; touch /var/lib/istio/config/mesh /etc/shadow; chmod 600 /etc/shadow
        chown 1337 /var/lib/istio /var/lib/istio/envoy /var/lib/istio/config /var/lib/istio/config/mesh /var/lib/istio/proxy`
      expect(await on('sh', '-c', script)).toMatchObject({code: 0})
    }

    test('cannot replace a folder or a file on the path of root', async () => {
      await packaged()
      expect(await install()).toMatchObject({code: 0})
      for (const path of [
        '/run/secrets/tokens',
        '/run/secrets',
        '/etc/certs',
        '/var/lib/istio/envoy',
        '/var/lib/istio/config',
        '/var/lib/istio/envoy/cluster.env',
        '/var/lib/istio/config/mesh',
      ])
        expect((await asProxy(`mv ${path} ${path}.away`)).code, path).toBe(1)
      // istio-start.sh runs it as root.
      expect((await asProxy('echo touch /pwned >> /var/lib/istio/envoy/cluster.env')).code).not.toBe(0)
      // The agent still writes its certificates, its socket, its Envoy config and its Wasm modules.
      const writes =
        'cat /run/secrets/tokens/istio-token; cd /etc/certs; touch key.pem; touch /etc/istio/proxy/x /var/lib/istio/data/x /run/secrets/workload-spiffe-uds/socket'
      expect(await asProxy(writes)).toMatchObject({code: 0, stderr: ''})
    })

    test('uninstall returns the folders of the package to their owner', async () => {
      await packaged()
      const before = await state()
      expect(await install()).toMatchObject({code: 0})
      expect(await state()).not.toBe(before)
      expect(await install('uninstall')).toMatchObject({code: 0})
      expect(await state()).toBe(before)
    })

    test('a link instead of the token folder is rejected, and its target is unchanged', async () => {
      await packaged()
      await install()
      const before = await owners(...victims)
      // The owner that version 0.1.0 gave the folders.
      await on('chown', '1337', '/run/secrets', '/run/secrets/tokens')
      expect(await asProxy('cd /run/secrets; mv tokens away; ln -s /root tokens')).toMatchObject({code: 0})
      expect(await on('kubectl-mesh-vm', 'prepare')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          '/var/run/secrets/tokens is a symbolic link of user istio-proxy; expected a folder',
        ),
      })
      expect(await install()).toMatchObject({code: 1})
      expect(await owners(...victims)).toBe(before)
      expect(await readdir(join(root, 'root'))).not.toContain('istio-token')
      await on('rm', '/run/secrets/tokens')
      expect(await on('kubectl-mesh-vm', 'prepare')).toMatchObject({code: 0})
    })

    test.each(['/etc/cron.d', '/etc/shadow'])(
      'a link from root-cert.pem to %s is replaced, not followed',
      async target => {
        await packaged()
        await install()
        const before = await owners(...victims)
        const link = `cd /etc/certs; for name in root-cert.pem root-cert.pem.kubectl-mesh; do rm -f $name; ln -s ${target} $name; done`
        expect(await asProxy(link)).toMatchObject({code: 0})
        const pem = '-----BEGIN CERTIFICATE-----\nnew\n-----END CERTIFICATE-----\n'
        expect(await renew(`${tokenOf('b')}\n${pem}`)).toMatchObject({code: 0})
        expect(await text('etc/certs/root-cert.pem')).toBe(pem)
        expect(await owners(...victims, '/etc/certs')).toBe(`${before}755 1337 /etc/certs\n`)
        expect(await readdir(join(root, 'etc/cron.d'))).toEqual([])
        expect(await text('etc/shadow')).toBe('')
      },
    )

    test('a folder that istio-proxy can rename, and a changed sidecar.env, are rejected before anything is written there', async () => {
      await packaged()
      await on('chown', '1337', '/var/lib')
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('/var/lib belongs to user istio-proxy; expected root'),
      })
      await on('chown', '0', '/var/lib')
    })

    const settings = '/var/lib/istio/envoy/sidecar.env'

    test.each([
      ['echo touch /pwned', 'istio-start.sh would run the settings'],
      ["printf '\\r#x\\n'", 'istio-start.sh would run the settings'],
      ["printf 'PROV_CERT=/etc/certs;id\\n'", 'istio-start.sh would run the settings'],
    ])('settings that istio-proxy wrote with %s are not run as root', async (write, message) => {
      await packaged()
      expect(await asProxy(`${write} > ${settings}`)).toMatchObject({code: 0})
      expect(await install()).toMatchObject({code: 1, stderr: expect.stringContaining(message)})
      expect((await systemctlCalls()).filter(words => /start/.test(words))).toEqual([])
      // The administrator's settings replace them.
      await on(
        'sh',
        '-c',
        'umask 022; mkdir /etc/kubectl-mesh; echo ISTIO_AGENT_FLAGS=x > /etc/kubectl-mesh/sidecar.env',
      )
      expect(await install()).toMatchObject({code: 0})
      expect(await text(settings)).toBe('ISTIO_AGENT_FLAGS=x\n')
      expect(await owners(settings)).toBe(`644 0 ${settings}\n`)
    })

    test('a link to a file of root instead of sidecar.env is rejected', async () => {
      await packaged()
      expect(await asProxy(`ln -s /etc/shadow ${settings}`)).toMatchObject({code: 0})
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`user istio-proxy is not a file`),
      })
    })

    test("the package's settings are kept for root; those that istio-proxy owns are replaced, and uninstall restores them", async () => {
      await packaged()
      await on('sh', '-c', `umask 022; echo ISTIO_AGENT_FLAGS=x > ${settings}`)
      expect(await install()).toMatchObject({code: 0})
      expect(await text(settings)).toBe('ISTIO_AGENT_FLAGS=x\n')
      await packaged()
      await asProxy(`printf '# comment\n\nPROV_CERT=/etc/certs\n' > ${settings}`)
      const before = await state()
      expect(await install()).toMatchObject({code: 0})
      expect(await text(settings)).toBe('PROV_CERT=/etc/certs\nOUTPUT_CERTS=/etc/certs\n')
      expect(await install('uninstall')).toMatchObject({code: 0})
      expect(await state()).toBe(before)
    })

    test('settings that istio-proxy replaced after an update of the package are not run', async () => {
      await packaged()
      expect(await install()).toMatchObject({code: 0})
      // The package's postinst.
      await on('chown', '1337', '/var/lib/istio/envoy')
      expect(await on('kubectl-mesh-vm', 'prepare')).toMatchObject({code: 0})
      expect(await owners('/var/lib/istio/envoy')).toBe('755 0 /var/lib/istio/envoy\n')
      await on('chown', '1337', '/var/lib/istio/envoy')
      await asProxy('cd /var/lib/istio/envoy; mv cluster.env away; echo touch /pwned > cluster.env')
      expect(await on('kubectl-mesh-vm', 'prepare')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          'runs /var/lib/istio/envoy/cluster.env as root, but user istio-proxy can change it',
        ),
      })
      expect(await install()).toMatchObject({code: 0})
      expect(await text('var/lib/istio/envoy/cluster.env')).not.toContain('pwned')
      expect(await on('kubectl-mesh-vm', 'prepare')).toMatchObject({code: 0})
    })

    test('a bundle that another user can change is rejected', async () => {
      await packaged()
      await on('chown', '1337', '/root/bundle')
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('/root/bundle belongs to user istio-proxy'),
      })
      await on('chown', '0', '/root/bundle')
      await on('chmod', '777', '/root/bundle')
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('every user can write to /root/bundle'),
      })
      await on('chmod', '700', '/root/bundle')
      await on('chown', '1337', '/root/bundle/cluster.env')
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('/root/bundle/cluster.env belongs to user istio-proxy'),
      })
      // The owner of the folder above can replace the bundle.
      await on('chown', '0', '/root/bundle/cluster.env')
      await on('chown', '1337', '/root')
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('/root belongs to user istio-proxy'),
      })
    })
  })

  test('has valid systemd units', async () => {
    await machine({token: tokenOf('a')})
    await install()
    const units = ['istio.service', 'kubectl-mesh-vm.service', 'kubectl-mesh-vm.timer']
    expect(await on('systemd-analyze', 'verify', ...units)).toEqual({code: 0, stdout: '', stderr: ''})
    expect((await on('systemctl', 'cat', 'istio.service')).code).toBe(0)
  })
})

test('is not skipped in CI', () => {
  // With CI=true a missing tool has already failed the run.
  expect([sharedServers() !== undefined, canValidate, canBoot]).toContain(true)
})
