import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {runOk} from '../support/run.ts'
import {root} from './cli.ts'

let home: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kubectl-mesh-package-'))
  const [packed] = JSON.parse(
    await runOk(['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', home], {cwd: root}),
  )
  const offline = ['--offline', '--no-audit', '--no-fund', '--no-update-notifier']
  await runOk(['npm', 'install', '--global', ...offline, '--prefix', home, join(home, packed.filename)], {
    env: {HOME: home, npm_config_cache: join(home, 'cache')},
  })
}, 60_000)

afterAll(() => rmSync(home, {recursive: true, force: true}))

test('the package installs without a registry and brings no other package', () => {
  expect(readdirSync(join(home, 'lib/node_modules'))).toEqual(['kubectl-mesh'])
  expect(readdirSync(join(home, 'lib/node_modules/kubectl-mesh'))).not.toContain('node_modules')
  expect(readdirSync(join(home, 'bin')).sort()).toEqual(['kubectl-mesh', 'kubectl_complete-mesh'])
})

test('the installed program runs, renders and completes', async () => {
  const env = {HOME: home, KUBECONFIG: '/dev/null'}
  expect(await runOk([join(home, 'bin/kubectl-mesh'), '--help'], {env})).toContain('federate')
  const tenant = ['tenant', 'add', 'shop', '--via', 'none', '--dry-run=client']
  expect(await runOk([join(home, 'bin/kubectl-mesh'), ...tenant], {env})).toContain('kind: Namespace')
  expect(await runOk([join(home, 'bin/kubectl_complete-mesh'), 'fed'], {env})).toContain('federate')
})

test.skipIf(process.getuid?.() !== 0)('runs without HOME and without an entry in /etc/passwd', async () => {
  const program = [
    'env',
    '-u',
    'HOME',
    process.execPath,
    join(home, 'lib/node_modules/kubectl-mesh/bin/run.js'),
    '--help',
  ]
  const script = 'for f in passwd nsswitch.conf; do mount --bind /dev/null "/etc/$f"; done; exec "$@"'
  expect(await runOk(['unshare', '--mount', 'sh', '-c', script, 'sh', ...program])).toContain('federate')
})

test('the package contains the licences of the packages that are bundled', () => {
  const text = readFileSync(join(home, 'lib/node_modules/kubectl-mesh/dist/third-party-licenses.txt'), 'utf8')
  for (const name of ['@oclif/core', '@kubernetes/client-node', 'yaml', 'undici'])
    expect(text).toMatch(new RegExp(`^${name} [0-9.]+ \\([\\w.-]+\\)\\n\\n\\S`, 'm'))
  expect(text).not.toContain(root)
})
