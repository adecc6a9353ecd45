/**
 * Part of `npm run lint`: the layers of `src/`, a direct test for every pure file, the size of folders, and generated tables in
 * pages that are written by hand. `--write` updates the tables. Files and functions are measured by oxlint.
 */
import {existsSync, globSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {isPure, wrongImports} from './imports.ts'
import {pageTables, withTable} from './page-tables.ts'

const mostFiles = 20

const files = globSync('src/**/*.ts').sort()
const texts = Object.fromEntries(files.map(file => [file, readFileSync(file, 'utf8')]))
const problems = wrongImports(texts).map(({file, imports, why}) => `${file}: imports ${imports}: ${why}`)
for (const file of files.filter(isPure)) {
  const test = file.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
  const exportsValues = /^export (async )?(function|const|class) /m.test(texts[file]!)
  if (exportsValues && !existsSync(test)) problems.push(`${file}: is pure and has no test ${test}`)
}
const folders = Map.groupBy(globSync('{src,scripts,bench,test}/**/*.ts'), file => dirname(file))
for (const [folder, {length}] of folders)
  if (length > mostFiles) problems.push(`${folder}: ${length} files, at most ${mostFiles}`)
for (const table of pageTables) {
  const text = readFileSync(table.page, 'utf8')
  const current = withTable(table, text)
  if (text !== current && process.argv.includes('--write')) writeFileSync(table.page, current)
  else if (text !== current) problems.push(`${table.page}: a table is outdated: npm run docs`)
}
// `npm run docs` only writes; lint reports the rest.
if (!process.argv.includes('--write')) {
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}
