/** Part of `npm run lint`: the layers of `src/` and the size of folders. Files and functions are measured by oxlint. */
import {globSync, readFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {wrongImports} from './imports.ts'

const mostFiles = 20

const files = globSync('src/**/*.ts').sort()
const texts = Object.fromEntries(files.map(file => [file, readFileSync(file, 'utf8')]))
const problems = wrongImports(texts).map(({file, imports, why}) => `${file}: imports ${imports}: ${why}`)
const folders = Map.groupBy(globSync('{src,scripts,bench,test}/**/*.ts'), file => dirname(file))
for (const [folder, {length}] of folders)
  if (length > mostFiles) problems.push(`${folder}: ${length} files, at most ${mostFiles}`)
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
