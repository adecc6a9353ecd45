import {chmod, mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {readAll} from '../../support/ground/objects.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** Records the command lines of all processes of this machine, which every user can read. */
function watchProcesses(): {stop(): Promise<string>} {
  const seen = new Set<string>()
  let running = true
  const done = (async () => {
    while (running) {
      const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
      const lines = pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
      for (const line of await Promise.all(lines)) seen.add(line)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  })()
  return {
    stop: async () => {
      running = false
      await done
      return [...seen].join('\n')
    },
  }
}

/** Files in a folder that users other than the owner can access, with their text. */
async function openFiles(folder: string): Promise<[string, string][]> {
  const found: [string, string][] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const {mode} = await stat(path)
    if ((await stat(path)).isDirectory()) found.push(...(await openFiles(path)))
    else if (mode & 0o177) found.push([path, await readFile(path, 'latin1')])
  }
  return found
}

describe.skipIf(!servers)('the token of a VM', () => {
  let ground: Ground
  let bin: string
  let namespace: string
  beforeEach(async () => {
    ground = await openGround(servers!, {contexts: ['east'], balancer: false})
    bin = join(ground.folder, 'bin')
    namespace = `tokens-${ground.namespace}`
    await mkdir(bin)
    // A fake ssh that records its input, and stays in the process list for a second.
    await writeFile(
      join(bin, 'ssh'),
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${ground.folder}/ssh-args'\numask 077\ncat > '${ground.folder}/ssh-input'\nsleep 1\necho renewed: web\n`,
    )
    await chmod(join(bin, 'ssh'), 0o755)
  })
  afterEach(() => ground?.close())

  it('appears only in files and pipes that only their owner can read', async () => {
    const where = ['web', '-n', namespace, '--system-namespace', ground.namespace]
    const options = {cwd: ground.folder, env: {PATH: `${bin}:${process.env.PATH}`}}
    const outputs: string[] = []
    const watch = watchProcesses()
    const register = (...args: string[]) => [
      'vm',
      'register',
      ...where,
      '--service-account',
      'web',
      '--gateway-address',
      '127.0.0.1',
      '--yes',
      ...args,
    ]
    const lines = [
      register('-v=9'),
      register('-o', 'json', '--format', 'ansible', '--output-dir', 'ansible'),
      register('--format', 'cloud-init', '--output-dir', 'cloud'),
      register('--format', 'script', '--output-dir', 'script'),
      ['vm', 'renew', ...where, '--ssh', 'admin@10.0.0.5', '-v=9'],
      ['vm', 'verify', ...where, '-v=9'],
      ['vm', 'list', '-v=9'],
      register('--dry-run=server', '--include-secrets'),
    ]
    for (const line of lines) {
      const {code, stdout, stderr} = await ground.mesh(line, options)
      expect([0, 5], stderr).toContain(code)
      outputs.push(stdout, stderr)
    }
    const processes = await watch.stop()
    expect(processes).toContain('register')
    expect(processes).toContain(join(bin, 'ssh'))

    const files = ['web-vm/istio-token', 'ansible/istio-token', 'cloud/user-data', 'script/install-web.sh', 'ssh-input']
    const texts = await Promise.all(files.map(name => readFile(join(ground.folder, name), 'utf8')))
    texts[3] = [...texts[3]!.matchAll(/<<'(\w+)'\n([\s\S]*?)\1\n/g)]
      .map(([, , body]) => Buffer.from(body!, 'base64').toString())
      .join('\n')
    const tokens = texts.map(text => /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(text)![0])
    expect(new Set(tokens).size).toBe(5)
    // The signature stands for the token. Its base64 stands for the token in a file that is encoded.
    const traces = tokens.flatMap(token => {
      const signature = token.split('.')[2]!
      return [signature, Buffer.from(signature).toString('base64').slice(4, -4)]
    })
    const open = await openFiles(ground.folder)
    expect(open.length).toBeGreaterThan(5)
    const cluster = JSON.stringify(await readAll(ground.clusters[0]!.api, namespace))
    expect(cluster).toContain('kubectl-mesh-vm-web')
    for (const trace of traces) {
      for (const text of outputs) expect(text).not.toContain(trace)
      expect(processes).not.toContain(trace)
      for (const [path, text] of open) expect(text.includes(trace), path).toBe(false)
      expect(cluster).not.toContain(trace)
    }
    expect((await stat(join(ground.folder, 'web-vm'))).mode & 0o777).toBe(0o700)
  })

  it('is sent with the root certificate over ssh on stdin', async () => {
    const where = ['web', '-n', namespace, '--system-namespace', ground.namespace]
    const options = {cwd: ground.folder, env: {PATH: `${bin}:${process.env.PATH}`}}
    const args = ['vm', 'register', ...where, '--service-account', 'web', '--gateway-address', '127.0.0.1', '--yes']
    expect(await ground.mesh(args, options)).toMatchObject({code: 0})
    const renewed = await ground.mesh(['vm', 'renew', ...where, '--ssh', 'admin@10.0.0.5'], options)
    expect(renewed).toMatchObject({code: 0, stderr: 'admin@10.0.0.5: renewed: web\n'})
    expect(renewed.stdout).toMatch(/^tokens-\S+\/web on admin@10\.0\.0\.5: token valid until /)
    expect((await readFile(join(ground.folder, 'ssh-args'), 'utf8')).split('\n').slice(0, 2)).toEqual([
      '--',
      'admin@10.0.0.5',
    ])
    expect(await readFile(join(ground.folder, 'ssh-input'), 'utf8')).toMatch(/^eyJ\S+\n-----BEGIN CERTIFICATE-----\n/)
    const data = await ground.mesh(['vm', 'renew', ...where, '--ssh', 'admin@10.0.0.5', '-o', 'json'], options)
    expect(JSON.parse(data.stdout)).toEqual({
      ...{name: 'web', namespace, host: 'admin@10.0.0.5'},
      tokenEnds: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
  })

  it.each([
    [255, 'Connection refused', /^error: ssh web1 failed: Connection refused\nhint: {2}ssh web1 true$/m],
    [1, 'sudo: a password is required', /^error: web1: sudo requires a password\nhint: {2}--ssh root@HOST/m],
    [
      127,
      'sh: 1: /usr/local/sbin/kubectl-mesh-vm: not found',
      /^error: web1: cannot run .*\nhint: {2}first install the bundle/m,
    ],
    [1, 'kubectl-mesh-vm: stdin contains no token', /^error: web1: kubectl-mesh-vm: stdin contains no token$/m],
  ])('reports ssh that exits with %d and prints %s, with a hint', async (code, text, expected) => {
    const where = ['web', '-n', namespace, '--system-namespace', ground.namespace]
    await writeFile(join(bin, 'ssh'), `#!/bin/sh\ncat > /dev/null\necho '${text}' >&2\nexit ${code}\n`)
    const options = {cwd: ground.folder, env: {PATH: `${bin}:${process.env.PATH}`}}
    const args = ['vm', 'register', ...where, '--service-account', 'web', '--gateway-address', '127.0.0.1', '--yes']
    expect(await ground.mesh(args, options)).toMatchObject({code: 0})
    const renewed = await ground.mesh(['vm', 'renew', ...where, '--ssh', 'web1'], options)
    expect(renewed).toMatchObject({code: 3, stdout: ''})
    expect(renewed.stderr).toMatch(expected)
  })
})
