import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {archiveName, thisPlatform} from '../../scripts/release/platforms.ts'
import {buildLab, orSkip} from '../support/binaries.ts'
import {run} from '../support/run.ts'

/** A release to test. */
export interface TestedRelease {
  /** Folder that `npm run release` wrote. */
  folder: string
  /** Folder with the content of the archive for this platform. */
  unpacked: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Undefined if no executable can be built here: skip the tests. Never with `CI=true`. */
    release: TestedRelease | undefined
  }
}

const root = join(import.meta.dirname, '../..')

/**
 * Vitest's `globalSetup` of the projects with tests of a release: builds the release of this platform, or takes the one in the folder
 * `RELEASE`, and unpacks its archive. Returns what removes the files.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const work = mkdtempSync(join(tmpdir(), 'kubectl-mesh-release-'))
  project.provide(
    'release',
    await orSkip('tests of a release', async () => {
      await provideKubectl()
      return prepare(work)
    }),
  )
  return () => rmSync(work, {recursive: true, force: true})
}

/** These tests call the executable as kubectl does: with the kubectl of this machine, or that of the lab. */
async function provideKubectl(): Promise<void> {
  if ((await run(['sh', '-c', 'command -v kubectl'])).code !== 0) await buildLab('api')
}

function prepare(work: string): TestedRelease {
  if (!thisPlatform) throw new Error(`there is no executable for ${process.platform} ${process.arch}`)
  const folder = process.env.RELEASE ?? build(join(work, 'release'), `${thisPlatform.os}-${thisPlatform.arch}`)
  const unpacked = join(work, 'unpacked')
  mkdirSync(unpacked)
  execFileSync('tar', ['-xzf', join(folder, archiveName(thisPlatform)), '-C', unpacked])
  return {folder, unpacked}
}

function build(into: string, platform: string): string {
  const options = {cwd: root, stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit']}
  execFileSync(process.execPath, ['scripts/build.ts'], options)
  execFileSync(process.execPath, ['scripts/release/release.ts', '--platform', platform, '--into', into], options)
  return into
}
