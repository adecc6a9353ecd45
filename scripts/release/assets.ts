import {globSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {build, transform} from 'esbuild'

/** Files of the package that the program reads, beside its modules. */
const dataFiles = ['package.json', 'oclif.manifest.json', 'dist/completion.json', 'dist/build.json']

/** Name of the main script of the executable. */
export const mainScript = 'executable.cjs'

/**
 * Writes the files that the executable contains: the modules of the bundle as CommonJS modules, the data that the program reads,
 * and the main script.
 *
 * @param root folder of the project, with a built `dist/`
 * @param into folder to write into
 * @returns names of the files, without the main script
 */
export async function writeAssets(root: string, into: string): Promise<string[]> {
  const modules = globSync('dist/**/*.js', {cwd: root}).map(file => file.replaceAll('\\', '/'))
  for (const file of modules) write(into, file, await commonJs(readFileSync(join(root, file), 'utf8')))
  for (const file of dataFiles) write(into, file, readFileSync(join(root, file)))
  await build({
    absWorkingDir: root,
    entryPoints: ['src/executable.ts'],
    outfile: join(into, mainScript),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
  })
  return [...modules, ...dataFiles].sort()
}

/** An ES module of the bundle as a CommonJS module. `src/executable.ts` provides `require`, `builtin` and `meta`. */
export async function commonJs(code: string): Promise<string> {
  const result = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: {'dynamic-import': false},
    define: {'process.getBuiltinModule': 'builtin', 'import.meta': 'meta'},
  })
  return result.code
}

function write(folder: string, name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), {recursive: true})
  writeFileSync(join(folder, name), content)
}
