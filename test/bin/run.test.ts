import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {transform} from 'esbuild'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {bin, executable, root, run, shell} from './cli.ts'

const {version, engines} = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-bin-'))
})
afterAll(() => rmSync(folder, {recursive: true}))

/** Options that make Node report another version. */
const asNode = (text: string) => [
  '--import',
  `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${text}'})`,
]

describe.skipIf(executable)('Node', () => {
  test.each(['14.21.3', '20.20.2', '22.22.1', '23.11.0', '24.14.9', '25.9.0'])(
    '%s is rejected with one sentence',
    async old => {
      const {code, stdout, stderr} = await run(bin, ['--help'], {node: asNode(old)})
      expect({code, stdout, stderr}).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: kubectl mesh requires Node.js ${engines.node}, but this is Node.js ${old}\n`,
      })
    },
  )

  test.each(['22.22.2', '22.30.0', '24.15.0', '24.15.1', '26.0.0', '31.2.0'])('%s is accepted', async fine => {
    expect(await run(bin, ['version'], {node: asNode(fine)})).toMatchObject({code: 0})
  })

  test.each(['run', 'complete'])('bin/%s.js uses only syntax of Node 14', async name => {
    const text = readFileSync(`${root}bin/${name}.js`, 'utf8')
    const [old, now] = await Promise.all(['node14', 'esnext'].map(target => transform(text, {target, format: 'esm'})))
    expect(old!.code).toBe(now!.code)
    expect(text).not.toMatch(/^await |import \{[^}]*\} from 'node:module'/m)
  })
})

describe('the built plugin', () => {
  test.each([['--help'], ['-h'], ['']])('%j prints the help of kubectl mesh', async (...args) => {
    const {code, stdout, stderr} = await run(bin, args.filter(Boolean))
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toContain('$ kubectl mesh [COMMAND]')
    expect(stdout).toMatch(/^ {2}completion +\S/m)
  })

  test('a closed pipe is not an error', async () => {
    const {stdout, stderr} = await shell('mesh --help | head -1; echo $PIPESTATUS')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Istio .*\n0\n$/)
  })

  test('output that a full disk rejects is an error', async () => {
    const dryRun = 'mesh tenant add shop --via none --dry-run=client'
    const full = await shell(`${dryRun} > /dev/full`)
    expect(full).toMatchObject({code: 3, stderr: expect.stringContaining('error: cannot write to stdout: ENOSPC')})
    // A limit of 1 KiB for the size of a file: like a small disk, it accepts the first part of the text.
    const file = join(folder, 'part.yaml')
    const part = await shell(`trap '' XFSZ; ulimit -f 1; ${dryRun} > ${file}`)
    expect(part).toMatchObject({code: 3, stderr: expect.stringContaining('error: cannot write to stdout: EFBIG')})
    expect(readFileSync(file).length).toBe(1024)
    expect(await shell('mesh version > /dev/full')).toMatchObject({code: 3})
    expect(await shell('mesh --help > /dev/full')).toMatchObject({code: 3})
  })

  test('after a change, output that a full disk rejects has exit code 4', async () => {
    const ca = (line: string) => shell(`cd ${folder}; "$node" "$bin" ca ${line} > /dev/full`)
    const lost = {code: 4, stderr: expect.stringContaining('error: cannot write to stdout: ENOSPC')}
    expect(await ca('request --cluster east')).toMatchObject(lost)
    // The request exists already: nothing is changed.
    expect(await ca('request --cluster east')).toMatchObject({...lost, code: 3})
    expect(await ca('init --dir full-ca')).toMatchObject(lost)
    expect(await ca('issue --dir full-ca --cluster east')).toMatchObject(lost)
  })

  test('prints the same help with the command and with the flag', async () => {
    const [byFlag, byCommand] = await Promise.all([
      run(bin, ['version', '--help']),
      run(bin, ['help', 'version'], {input: 'completion\n'}),
    ])
    expect(byFlag.stdout).toContain('$ kubectl mesh version')
    expect(byCommand).toEqual(byFlag)
    expect((await run(bin, ['help'], {input: 'version\n'})).stdout).toContain('$ kubectl mesh [COMMAND]')
    expect(await run(bin, ['help', 'versoin'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'error: unknown command "versoin"\nhint:  did you mean: kubectl mesh version\nhint:  kubectl mesh --help\n',
    })
  })

  test('prints versions', async () => {
    expect((await run(bin, ['version'])).stdout).toContain(`Client Version: ${version}\n`)
    expect(JSON.parse((await run(bin, ['version', '-o', 'json'])).stdout)).toMatchObject({
      clientVersion: version,
      ...(executable ? {} : {node: process.versions.node}),
    })
    expect((await run(bin, ['--version'])).stdout).toContain(`kubectl-mesh/${version} `)
  })

  test('reports a kubectl that is too old to complete the commands of plugins', async () => {
    const old = join(folder, 'old')
    mkdirSync(old)
    const answer = '{"clientVersion": {"gitVersion": "v1.25.16"}}'
    writeFileSync(join(old, 'kubectl'), `#!/bin/sh\necho '${answer}'\n`, {mode: 0o755})
    const {stdout} = await run(bin, ['version'], {env: {PATH: `${old}:${process.env.PATH}`}})
    expect(stdout).toContain('kubectl: v1.25.16 (completion of "kubectl mesh" requires 1.26 or newer)\n')
  })
})

describe('installation', () => {
  test('runs through a symlink in another folder', async () => {
    const link = join(folder, 'kubectl-mesh')
    symlinkSync(executable ?? bin, link)
    expect(await (executable ? shell(`${link} version`) : run(link, ['version']))).toMatchObject({code: 0, stderr: ''})
  })

  test('is found by kubectl', async () => {
    const links = join(folder, 'path')
    mkdirSync(links)
    symlinkSync(executable ?? bin, join(links, 'kubectl-mesh'))
    const path = {PATH: `${links}:${root}node_modules/.bin:${process.env.PATH}`}
    expect((await shell('kubectl plugin list', path)).stdout).toContain(`${links}/kubectl-mesh`)
    expect((await shell('kubectl mesh version', path)).stdout).toContain('Client Version')
  })

  test('ignores plugins and themes of the home folder', async () => {
    const home = join(folder, 'home')
    mkdirSync(join(home, '.local/share/kubectl-mesh'), {recursive: true})
    const plugin = {name: 'stray', oclif: {plugins: [{name: 'stray', type: 'link', root: '/nowhere'}]}}
    writeFileSync(join(home, '.local/share/kubectl-mesh/package.json'), JSON.stringify(plugin))
    expect(await run(bin, ['version'], {env: {HOME: home}})).toMatchObject({code: 0, stderr: ''})
  })

  test('runs the bundle with any NODE_ENV', async () => {
    for (const NODE_ENV of ['development', 'test'])
      expect(await run(bin, ['version'], {env: {NODE_ENV}})).toMatchObject({code: 0, stderr: ''})
  })

  test('the sources run without a build', async () => {
    expect(await run(`${root}bin/dev.ts`, ['version'])).toMatchObject({code: 0, stderr: ''})
  })
})

describe('completion command', () => {
  test('prints instructions', async () => {
    const {code, stdout} = await run(bin, ['completion'], {input: 'piped\n'})
    expect(code).toBe(0)
    expect(stdout).toContain('source <(kubectl completion bash)')
  })

  test('creates a link', async () => {
    const into = join(folder, 'links')
    expect(await run(bin, ['completion', '--link', into])).toMatchObject({
      code: 0,
      stdout: `${into}/kubectl_complete-mesh linked\n`,
    })
    expect(await run(bin, ['completion', '--link', into])).toMatchObject({
      code: 0,
      stdout: `${into}/kubectl_complete-mesh unchanged\n`,
    })
    const link = join(into, 'kubectl_complete-mesh')
    const answer = executable ? shell(`${link} vers`) : run(link, ['vers'])
    expect((await answer).stdout).toMatch(/^version\t.*\n:4\n$/)
  })
})
