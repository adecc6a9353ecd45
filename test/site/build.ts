import {execFileSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
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
 * Builds the site of a copy of the documentation: `next` has the pages of the working tree, and the release 0.8 a home page.
 * Returns what removes it.
 */
export default function setup(project: TestProject): () => void {
  const work = mkdtempSync(join(tmpdir(), 'kubectl-mesh-site-'))
  const [copy, site] = [join(work, 'project'), join(work, 'site')]
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...words], {cwd: copy})
  mkdirSync(join(copy, 'docs'), {recursive: true})
  writeFileSync(join(copy, 'docs/README.md'), '# The documentation of 0.8\n\n    kubectl mesh version\n')
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'Release 0.8')
  git('tag', 'v0.8.0')
  for (const path of [...sources, 'package.json', 'site/icon.svg'])
    cpSync(join(root, path), join(copy, path), {recursive: true})
  execFileSync(process.execPath, [join(root, 'scripts/site/build.ts'), '--project', copy, '--output', site], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  project.provide('site', site)
  return () => rmSync(work, {recursive: true, force: true})
}
