/** Part of `npm run lint`: the words of `docs/style.md`. Paths as arguments limit it to files below them. */
import {globSync, readFileSync} from 'node:fs'
import {wordHits} from './words.ts'

const wanted = process.argv.slice(2).map(path => path.replace(/\/$/, ''))
// these two list the phrases themselves
const lists = ['docs/style.md', 'scripts/words.ts', 'test/scripts/words.test.ts']
const files = globSync(['{src,test,scripts,bench,bin}/**/*.{ts,js,sh}', 'docs/**/*.md', '*.md'])
  .filter(file => !lists.includes(file) && !file.startsWith('test/golden/'))
  .filter(file => wanted.length === 0 || wanted.some(path => file === path || file.startsWith(`${path}/`)))
  .sort()
let hits = 0
for (const file of files)
  for (const {line, found, instead} of wordHits(readFileSync(file, 'utf8'))) {
    process.stderr.write(`${file}:${line}: "${found}": write ${instead}\n`)
    hits++
  }
if (hits > 0) process.exitCode = 1
