/**
 * `npm run release:check` tests what takes too long for `npm test`: a complete release, and the program as an executable.
 *
 * `--only PART,PART` and `--skip PART,PART` select parts; without them all parts run. The exit code is 1 if a part fails.
 */
import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {archiveName, thisPlatform} from './platforms.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.tmp/release-check')

/** Each part: what it shows, and what it runs. */
const parts: Readonly<Record<string, {about: string; run: () => void}>> = {
  release: {about: 'two releases have the same bytes', run: compareReleases},
  files: {
    about: 'archives of all platforms, manifests, krew',
    run: () => vitest({RELEASE: release()}, 'release', 'release-all'),
  },
  cli: {about: 'the tests of the command line, through the executable', run: () => vitest(executable(), 'bin')},
  site: {about: 'the documentation site in a browser', run: () => vitest({}, 'site')},
  e2e: {about: 'the end-to-end tests, through the executable', run: () => vitest(executable(), 'e2e')},
  old: {about: 'the end-to-end tests, with the oldest istiod', run: () => vitest({LAB_ISTIOD: 'old'}, 'e2e')},
}

const {values} = parseArgs({options: {only: {type: 'string'}, skip: {type: 'string'}}})
const [only, skipped] = [values.only, values.skip].map(list => list?.split(','))
for (const name of [...(only ?? []), ...(skipped ?? [])])
  if (!(name in parts)) throw new Error(`unknown part ${name}; expected ${Object.keys(parts).join(', ')}`)
const failed: string[] = []
for (const [name, {about, run}] of Object.entries(parts)) {
  if (!(only ?? [name]).includes(name) || skipped?.includes(name)) continue
  process.stdout.write(`\n== ${name}: ${about}\n`)
  try {
    run()
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`)
    failed.push(name)
  }
}
process.stdout.write(failed.length === 0 ? '\nall parts passed\n' : `\nfailed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Writes two releases, the second from a new bundle. */
function compareReleases(): void {
  const second = join(root, '.tmp/release-check-again')
  for (const into of [folder, second]) {
    node('scripts/build.ts')
    node('scripts/release/release.ts', '--into', into)
  }
  const [one, two] = [folder, second].map(path => readdirSync(path).sort())
  const names = [...new Set([...one!, ...two!])]
  const differ = names.filter(name => !isSame(join(folder, name), join(second, name)))
  rmSync(second, {recursive: true})
  if (differ.length > 0) throw new Error(`a second run wrote other bytes: ${differ.join(', ')}`)
}

function isSame(one: string, two: string): boolean {
  return existsSync(one) && existsSync(two) && readFileSync(one).equals(readFileSync(two))
}

/** Unpacks the executable of this platform, with the environment that makes tests use it. */
function executable(): NodeJS.ProcessEnv {
  if (!thisPlatform) throw new Error(`there is no executable for ${process.platform} ${process.arch}`)
  release()
  mkdirSync(join(root, '.tmp'), {recursive: true})
  const into = mkdtempSync(join(root, '.tmp/executable-'))
  process.once('exit', () => rmSync(into, {recursive: true, force: true}))
  execFileSync('tar', ['-xzf', join(folder, archiveName(thisPlatform)), '-C', into, 'kubectl-mesh'])
  return {KUBECTL_MESH_PROGRAM: join(into, 'kubectl-mesh')}
}

/** Folder of the release; writes it if the part `release` has not. */
function release(): string {
  if (!existsSync(join(folder, 'checksums.txt'))) {
    node('scripts/build.ts')
    node('scripts/release/release.ts', '--into', folder)
  }
  return folder
}

function vitest(env: NodeJS.ProcessEnv, ...projects: string[]): void {
  const words = ['run', ...projects.flatMap(project => ['--project', project])]
  const {status} = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...words], {
    cwd: root,
    env: {...process.env, CI: 'true', ...env},
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`vitest ${words.join(' ')} ended with ${status}`)
}

function node(...words: string[]): void {
  execFileSync(process.execPath, words, {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})
}
