import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {Metafile} from 'esbuild'
import {beforeAll, describe, expect, test} from 'vitest'
import {bundle} from '../../scripts/bundle/bundle.ts'
import {bin, executable, root, run} from './cli.ts'

/** Packages that take too long to load for help, completion or a client-side dry run. */
const heavy = [
  '@kubernetes/client-node',
  '@inquirer',
  'inquirer',
  'ora',
  '@peculiar/x509',
  'reflect-metadata',
  'yaml',
  'undici',
  'socks',
  '@dagrejs/dagre',
]

let meta: Metafile
beforeAll(async () => {
  meta = await bundle({root, write: false})
}, 60_000)

/** An output file and the files that it imports statically, directly or indirectly. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const {path, kind, external} of meta.outputs[file]!.imports)
    if (!external && kind === 'import-statement') loadedWith(path, seen)
  return seen
}

/** The heavy packages whose code is in the output files. */
function heavyIn(files: Iterable<string>): string[] {
  const inputs = [...files].flatMap(file =>
    Object.entries(meta.outputs[file]!.inputs).flatMap(([input, {bytesInOutput}]) =>
      bytesInOutput > 0 ? [input] : [],
    ),
  )
  return heavy.filter(name => inputs.some(input => input.includes(`node_modules/${name}/`)))
}

test('no entry point imports a heavy package statically', () => {
  const started = /^src\/(main|complete|hooks\/.*|commands\/.*)\.ts$/
  const entries = Object.keys(meta.outputs).filter(file => started.test(meta.outputs[file]!.entryPoint ?? ''))
  expect(entries).toEqual(expect.arrayContaining(['dist/main.js', 'dist/complete.js', 'dist/commands/version.js']))
  for (const entry of entries) expect(heavyIn(loadedWith(entry)), entry).toEqual([])
})

test('completion imports neither oclif nor YAML statically', () => {
  const inputs = [...loadedWith('dist/complete.js')].flatMap(file => Object.keys(meta.outputs[file]!.inputs))
  expect(inputs.filter(input => input.includes('node_modules/'))).toEqual([])
})

test('every command of the manifest is in the bundle', () => {
  const {commands} = JSON.parse(readFileSync(`${root}oclif.manifest.json`, 'utf8'))
  for (const {relativePath} of Object.values<{relativePath: string[]}>(commands))
    expect(Object.keys(meta.outputs)).toContain(relativePath.join('/'))
})

describe.skipIf(executable)('at run time', () => {
  /** The output files that a run of the plugin loads, including dynamic imports. */
  async function loadedBy(...args: string[]): Promise<string[]> {
    const hook = `import {registerHooks} from 'node:module'
      const urls = []
      registerHooks({load(url, context, next) { urls.push(url); return next(url, context) }})
      process.on('exit', () => process.stderr.write('\\nLOADED ' + JSON.stringify(urls)))`
    const {code, stderr} = await run(bin, args, {
      node: ['--import', `data:text/javascript,${encodeURIComponent(hook)}`],
    })
    expect(code, stderr).toBe(0)
    const urls: string[] = JSON.parse(stderr.slice(stderr.lastIndexOf('LOADED ') + 7))
    const dist = `file://${join(dirname(bin), '..', 'dist')}/`
    return urls.filter(url => url.startsWith(dist)).map(url => url.replace(dist, 'dist/'))
  }

  test.each([
    [['--help']],
    [['version']],
    [['version', '--help']],
    [['help', 'version']],
    [['federate', '--help']],
    [['federate', '--contexts', 'a,b', '--dry-run=client', '--no-input']],
  ])('%j loads no heavy package', async args => {
    const files = await loadedBy(...args)
    expect(files).toContain('dist/main.js')
    expect(files.filter(file => !meta.outputs[file])).toEqual([])
    expect(heavyIn(files)).toEqual([])
    // Each file takes a fraction of a millisecond. Without groups, there were 32.
    expect(files.length).toBeLessThan(15)
  })

  test.each([[['--help']], [['federate', '--help']], [['ca', '-h']], [['--version']]])(
    '%j does not load oclif',
    async args => {
      const files = await loadedBy(...args)
      const inputs = files.flatMap(file => Object.keys(meta.outputs[file]!.inputs))
      expect(inputs).toContain('src/terminal/help/help.ts')
      expect(inputs.filter(input => input.includes('node_modules/'))).toEqual([])
    },
  )

  test('a client-side dry run does not load the code for API servers', async () => {
    const files = await loadedBy('federate', '--contexts', 'a,b', '--dry-run=client', '--no-input')
    const inputs = files.flatMap(file => Object.keys(meta.outputs[file]!.inputs))
    expect(inputs).toContain('src/features/federate/objects.ts')
    expect(inputs.filter(input => /^src\/engine\/cluster\/(http|connect)\.ts$|:(node:)?https?\?/.test(input))).toEqual(
      [],
    )
  })
})
