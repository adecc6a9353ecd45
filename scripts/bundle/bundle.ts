import {globSync} from 'node:fs'
import {type BuildOptions, build, type Metafile} from 'esbuild'
import {grouping, groupsOf} from './chunks.ts'
import {builtins, lazily, replacing} from './plugins.ts'

/** Input and output of the bundle. */
export interface BundleOptions {
  /** Folder that contains `src/`. */
  root: string
  /** Folder to write into (default `dist` in `root`). */
  outdir?: string
  /** false: only return the metadata. */
  write?: boolean
}

/**
 * Globals that bundled CommonJS modules need in an ES module. `createRequire` reads from the disk, so it is called on the
 * first use.
 */
const banner = `const __own = () => process.getBuiltinModule('node:module').createRequire(import.meta.url)
const require = Object.assign(id => __own()(id), {resolve: (id, options) => __own().resolve(id, options)})
const {filename: __filename, dirname: __dirname} = import.meta`

/** The esbuild options of all bundles. */
export function bundleOptions(root: string, outdir: string) {
  return {
    absWorkingDir: root,
    outdir,
    outbase: 'src',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [lazily, replacing, builtins],
  } satisfies BuildOptions
}

/**
 * Bundles main, completion, help, hooks and every command into ES modules. Dynamically imported modules are separate files,
 * so that large libraries are loaded only on use.
 *
 * @returns esbuild's metadata: the contents and the imports of each file
 */
export async function bundle({root, outdir = 'dist', write = true}: BundleOptions): Promise<Metafile> {
  const common = bundleOptions(root, outdir)
  const entries = ['src/main.ts', 'src/hooks/*.ts', 'src/commands/**/*.ts']
    .flatMap(entry => globSync(entry, {cwd: root}))
    .sort()
  const plugin = {
    ...common,
    entryPoints: entries,
    chunkNames: 'chunks/[name]-[hash]',
    banner: {js: banner},
    // oclif tries to load these to transpile plugins. The program has no plugins.
    external: ['typescript', 'tsx', 'ts-node'],
  }
  const metadataOnly = {minifySyntax: false, minifyWhitespace: false, write: false}
  const {metafile: ungrouped} = await build({...plugin, ...metadataOnly, metafile: true})
  const groups = grouping(groupsOf(ungrouped, entries), root)
  const [{metafile}, completion] = await Promise.all([
    build({...plugin, plugins: [groups, ...plugin.plugins], write, metafile: true}),
    // A separate bundle, because each further file costs a millisecond per completion.
    build({
      ...common,
      entryPoints: ['src/complete.ts'],
      chunkNames: 'completion/[name]-[hash]',
      write,
      metafile: true,
    }),
  ])
  return {
    inputs: {...metafile.inputs, ...completion.metafile.inputs},
    outputs: {...metafile.outputs, ...completion.metafile.outputs},
  }
}
