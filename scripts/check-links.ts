/** Part of `npm run lint`: links between the Markdown files of the project. */
import {globSync} from 'node:fs'
import {join} from 'node:path'
import {deadLinks} from './site/dead-links.ts'

const root = join(import.meta.dirname, '..')
const pages = globSync(['*.md', '{docs,bench,test,.github}/**/*.md'], {
  cwd: root,
  exclude: path => /(^|\/)node_modules(\/|$)/.test(path),
}).sort()
const dead = deadLinks(root, pages)
for (const {page, line, url, problem} of dead) process.stderr.write(`${page}:${line}: ${url}: ${problem}\n`)
if (dead.length > 0) process.exitCode = 1
