import fs from 'node:fs'
import {createRequire} from 'node:module'
import {homedir} from 'node:os'
import {basename, dirname, join, posix, sep} from 'node:path'
import {getRawAsset} from 'node:sea'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {compileFunction} from 'node:vm'
import type {complete} from './complete.ts'
import type {start} from './main.ts'

/**
 * Entry point of the executable without Node.js, which contains the files of the package as assets. `scripts/release/` writes
 * them, with ES modules converted to CommonJS modules, because Node.js imports only built-in modules in an executable.
 */

/**
 * The folder of the assets for the program. The executable is a file, so that no real file has such a path.
 */
const root = process.execPath
const assets = new Map<string, Buffer | undefined>()
const modules = new Map<string, {exports: object}>()
const realRequire = createRequire(root)

/** The content of an asset, without a copy. Undefined if there is none. */
function assetOf(name: string): Buffer | undefined {
  if (!assets.has(name)) assets.set(name, readAsset(name))
  return assets.get(name)
}

function readAsset(name: string): Buffer | undefined {
  try {
    return Buffer.from(getRawAsset(name) as ArrayBuffer)
  } catch {
    return undefined
  }
}

/** The name of the asset at a path or URL; undefined for other files. */
function assetName(path: unknown): string | undefined {
  const text = path instanceof URL ? (path.protocol === 'file:' ? fileURLToPath(path) : '') : path
  if (typeof text !== 'string' || !text.startsWith(root + sep)) return undefined
  return text.slice(root.length + 1).replaceAll(sep, '/')
}

type ReadFile = (path: fs.PathLike, options?: BufferEncoding | {encoding?: BufferEncoding}) => Buffer | string
const realRead = fs.readFileSync as ReadFile
const readFileSync: ReadFile = (path, options) => {
  const name = assetName(path)
  if (name === undefined) return realRead(path, options)
  const content = assetOf(name) ?? missing(name)
  const encoding = typeof options === 'string' ? options : options?.encoding
  return encoding ? content.toString(encoding) : Buffer.from(content)
}

/** `node:fs` for the program: reads assets below `root`, and everything else from the disk. */
const files = Object.assign(Object.create(fs), {
  existsSync: (path: fs.PathLike) => {
    const name = assetName(path)
    return name === undefined ? fs.existsSync(path) : assetOf(name) !== undefined
  },
  readFileSync,
})
const realPromises = fs.promises as {readFile: (...args: Parameters<ReadFile>) => Promise<Buffer | string>}
const promises = Object.assign(Object.create(fs.promises), {
  readFile: async (...args: Parameters<ReadFile>) =>
    assetName(args[0]) === undefined ? realPromises.readFile(...args) : readFileSync(...args),
})
const replaced: Record<string, object> = {fs: files, 'fs/promises': promises}

/** Used instead of `process.getBuiltinModule`. */
function builtin(name: string): unknown {
  return replaced[name.replace(/^node:/, '')] ?? process.getBuiltinModule(name)
}

function missing(name: string): never {
  throw Object.assign(new Error(`ENOENT: no such file in the executable, open '${name}'`), {code: 'ENOENT'})
}

/** Loads a module of the executable once. */
function load(name: string): object {
  const loaded = modules.get(name)
  if (loaded) return loaded.exports
  const module = {exports: {}}
  modules.set(name, module)
  // esbuild writes only ASCII.
  const code = (assetOf(name) ?? missing(name)).toString('latin1')
  const filename = join(root, name)
  const run = compileFunction(code, ['module', 'exports', 'require', 'builtin', 'meta'], {filename})
  const meta = {filename, dirname: dirname(filename), url: pathToFileURL(filename).href}
  run(module, module.exports, requireFrom(posix.dirname(name)), builtin, meta)
  return module.exports
}

function requireFrom(folder: string): (id: string) => unknown {
  return id => {
    if (id.startsWith('.')) return load(posix.join(folder, id))
    const name = id.startsWith('file:') ? assetName(new URL(id)) : undefined
    return name === undefined ? realRequire(id) : load(name)
  }
}

// os.homedir() throws without HOME and an entry in /etc/passwd, as in some containers, and oclif calls it on import.
try {
  homedir()
} catch {
  process.env.HOME = '/'
}

const isCompletion = basename(process.argv0).startsWith('kubectl_complete-mesh')
const argv = process.argv.slice(2)
if (isCompletion) {
  const {complete: answer} = load('dist/complete.js') as {complete: typeof complete}
  void answer(argv, {root: pathToFileURL(root + sep)})
} else {
  const {start: run} = load('dist/main.js') as {start: typeof start}
  void run(argv, {root})
}
