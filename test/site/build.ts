import {execFileSync} from 'node:child_process'
import {cpSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {sources} from '../../scripts/site/pages.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder with the built site. */
    site: string
  }
}

const root = join(import.meta.dirname, '../..')

/**
 * Builds the site of a copy of the documentation that has two releases, with the pages of the working tree in every version.
 * Returns what removes it.
 */
export default function setup(project: TestProject): () => void {
  const work = mkdtempSync(join(tmpdir(), 'kubectl-mesh-site-'))
  const [copy, site] = [join(work, 'project'), join(work, 'site')]
  for (const path of [...sources, 'package.json', 'site/icon.svg'])
    cpSync(join(root, path), join(copy, path), {recursive: true})
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...words], {cwd: copy})
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'The documentation of the working tree')
  git('tag', 'v0.8.0')
  git('tag', 'v0.9.0')
  execFileSync(process.execPath, [join(root, 'scripts/site/build.ts'), '--project', copy, '--output', site], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  project.provide('site', site)
  return () => rmSync(work, {recursive: true, force: true})
}
