import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {minorText, newestIstio, oldestIstio} from '../../src/istio/versions.ts'
import {run, runOk} from '../support/run.ts'
import {type PluginHome, pluginHome} from './kubectl.ts'
import {emptyRoot} from './root.ts'

const release = inject('release')
const project = join(import.meta.dirname, '../..')
const {version} = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))

describe.skipIf(!release)('the executable of this platform', () => {
  const program = join(release?.unpacked ?? '', 'kubectl-mesh')
  let plugins: PluginHome

  beforeAll(() => {
    plugins = pluginHome({'kubectl-mesh': program, 'kubectl_complete-mesh': program})
  })
  afterAll(() => plugins?.remove())

  const kubectl = (...args: string[]) => runOk(['kubectl', ...args], {env: plugins.env, cwd: plugins.home})

  test('runs through kubectl', async () => {
    expect(await kubectl('mesh', '--help')).toContain('kubectl mesh federate')
    expect(await kubectl('plugin', 'list')).toContain('kubectl-mesh')
  })

  test('has the version and the commit of the sources, and the supported versions', async () => {
    const [gitCommit, date] = (await runOk(['git', 'log', '-1', '--format=%H %cI'], {cwd: project})).trim().split(' ')
    const expected = {
      clientVersion: version,
      gitCommit,
      commitDate: new Date(date!).toISOString(),
      platform: `${process.platform}/${process.arch}`,
      supportedIstio: {oldest: minorText(oldestIstio), newest: minorText(newestIstio)},
    }
    expect(JSON.parse(await kubectl('mesh', 'version', '-o', 'json'))).toMatchObject(expected)
    // A commit such as 0b30… looks like a number in YAML, so that it is in quotes.
    expect(load(await kubectl('mesh', 'version', '-o', 'yaml'))).toMatchObject(expected)
  })

  test('completes commands for kubectl under its second name', async () =>
    expect(await kubectl('__complete', 'mesh', 'fed')).toMatch(/^federate\b.*\n/))

  test('completes kubectl-mesh with the script for bash in the archive, which leaves kubectl alone', async () => {
    const script = readFileSync(join(release!.unpacked, 'completion/kubectl-mesh.bash'), 'utf8')
    const type = `COMP_WORDS=(kubectl-mesh version --output = js); COMP_CWORD=4; __kubectl_mesh_direct`
    const lines = ['compopt() { :; }', script, type, `printf '%s\\n' "\${COMPREPLY[@]}"; complete -p`]
    const printed = await runOk(['bash', '--norc', '-s'], {env: plugins.env, input: lines.join('\n')})
    expect(printed).toBe('json\ncomplete -o default -F __kubectl_mesh_direct kubectl-mesh\n')
  })

  test('contains no path of the machine that built it', () =>
    expect(readFileSync(program).includes(`${project}/`)).toBe(false))

  describe.skipIf(process.getuid?.() !== 0)('in a root without Node.js, HOME, /etc or a network', () => {
    const inside = (...args: string[]) => {
      const root = emptyRoot(program)
      const path = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'
      const words = ['unshare', '--net', 'env', '-i', path, 'chroot', root.folder, '/kubectl-mesh', ...args]
      return run(words).finally(root.remove)
    }

    test('shows its help', async () =>
      expect(await inside('--help')).toMatchObject({code: 0, stdout: expect.stringContaining('federate'), stderr: ''}))

    test('renders a tenant', async () => {
      const ran = await inside('tenant', 'add', 'shop', '--via', 'none', '--dry-run=client', '--no-input')
      expect(ran).toMatchObject({code: 0, stdout: expect.stringContaining('kind: Namespace')})
    })

    test('reports that there is no kubectl', async () =>
      expect((await inside('version')).stdout).toContain('kubectl: not found on your PATH'))
  })
})
