import {globSync} from 'node:fs'
import {type BuildOptions, build, type Metafile} from 'esbuild'
import {builtins, lazily, standingIn} from './bundle-plugins.ts'
import {grouping, groupsOf} from './chunks.ts'

/** Where the bundle is made from and goes to. */
export interface BundleOptions {
  /** Folder with `src/`. */
  root: string
  /** Folder to write into, `dist` below `root` by default. */
  outdir?: string
  /** false: only say what would be in it. */
  write?: boolean
}

/** CommonJS inside ES modules needs these. `createRequire` looks around on the disk: only who requires a file pays for it. */
const banner = `const __own = () => process.getBuiltinModule('node:module').createRequire(import.meta.url)
const require = Object.assign(id => __own()(id), {resolve: (id, options) => __own().resolve(id, options)})
const {filename: __filename, dirname: __dirname} = import.meta`

/** How everything is bundled. */
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
    plugins: [lazily, standingIn, builtins],
  } satisfies BuildOptions
}

/**
 * Bundles main, completion, help, hooks and every command into split ES modules: what is imported dynamically gets files
 * of its own, so that heavy libraries load only where they are used.
 *
 * @returns what is in each file, and what each imports
 */
export async function bundle({root, outdir = 'dist', write = true}: BundleOptions): Promise<Metafile> {
  const common = bundleOptions(root, outdir)
  const entries = ['src/main.ts', 'src/terminal/help.ts', 'src/hooks/*.ts', 'src/commands/**/*.ts']
    .flatMap(entry => globSync(entry, {cwd: root}))
    .sort()
  const plugin = {
    ...common,
    entryPoints: entries,
    chunkNames: 'chunks/[name]-[hash]',
    banner: {js: banner},
    // oclif looks for these at run time to transpile plugins; there are none.
    external: ['typescript', 'tsx', 'ts-node'],
  }
  const hasty = {minifySyntax: false, minifyWhitespace: false, write: false}
  const {metafile: ungrouped} = await build({...plugin, ...hasty, metafile: true})
  const groups = grouping(groupsOf(ungrouped, entries), root)
  const [{metafile}, completion] = await Promise.all([
    build({...plugin, plugins: [groups, ...plugin.plugins], write, metafile: true}),
    // By itself, since each file more is a millisecond more for a TAB.
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
