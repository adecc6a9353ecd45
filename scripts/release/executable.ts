import {execFileSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {mainScript, writeAssets} from './assets.ts'
import {nodeBinary} from './node-binary.ts'
import {executableName, type Platform, thisPlatform} from './platforms.ts'
import {shrink} from './shrink.ts'

/** Folders that building executables uses. */
export interface ExecutableFolders {
  /** Folder of the project, with a built `dist/`. */
  root: string
  /** An empty folder for intermediate files. */
  work: string
  /** Keeps downloads. */
  cache: string
}

/**
 * Builds the executable for each platform. Equal sources give equal bytes.
 *
 * @returns the path of each executable
 * @throws Error if a download or a tool fails
 */
export async function buildExecutables(
  targets: readonly Platform[],
  folders: ExecutableFolders,
): Promise<Map<Platform, string>> {
  if (!thisPlatform) throw new Error(`executables cannot be built on ${process.platform} ${process.arch}`)
  mkdirSync(folders.work, {recursive: true})
  const builder = join(folders.work, 'node')
  writeFileSync(builder, nodeBinary(thisPlatform, folders.cache), {mode: 0o755})
  const assets = await writeAssets(folders.root, folders.work)
  return new Map(targets.map(target => [target, buildExecutable(target, {builder, assets, folders})]))
}

function buildExecutable(
  target: Platform,
  {builder, assets, folders}: {builder: string; assets: string[]; folders: ExecutableFolders},
): string {
  const name = `${target.os}-${target.arch}`
  const output = `${name}/${executableName(target)}`
  mkdirSync(join(folders.work, name), {recursive: true})
  writeFileSync(join(folders.work, name, 'node'), shrink(nodeBinary(target, folders.cache)))
  const config = {
    // All paths are relative, because the executable contains the path of its main script.
    main: mainScript,
    executable: `${name}/node`,
    output,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Its bytes would depend on the processor, and it cannot be created for other platforms.
    useCodeCache: false,
    // NODE_OPTIONS could load other code.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets.map(asset => [asset, asset])),
  }
  writeFileSync(join(folders.work, `${name}.json`), JSON.stringify(config))
  execFileSync(builder, ['--build-sea', `${name}.json`], {cwd: folders.work, stdio: ['ignore', 'ignore', 'inherit']})
  const file = join(folders.work, output)
  if (target.os === 'darwin') signAdHoc(file, folders.root)
  chmodSync(file, 0o755)
  if (!existsSync(file)) throw new Error(`${file} was not built`)
  return file
}

/** Adds the signature that macOS requires on Apple silicon. It names no signer; the checksums and attestations verify the file. */
function signAdHoc(file: string, root: string): void {
  const quill = execFileSync(join(root, 'test/lab/tool.sh'), ['quill'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim()
  execFileSync(quill, ['sign', '--ad-hoc', '--quiet', '--identity', 'kubectl-mesh', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {...process.env, QUILL_CHECK_FOR_APP_UPDATE: 'false'},
  })
}
