import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'compatibility.md'), 'utf8')

/** The rows of all tables about situations, without headings. The table of versions comes before them. */
const rows = page
  .slice(page.indexOf('## Installers'))
  .split('\n')
  .filter(line => line.startsWith('|') && !/^\| (situation|---)|^\|---/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))

test('the page has rows', () => expect(rows.length).toBeGreaterThan(40))

/** A file, and optionally the title of a test in it: `test/x.test.ts` “title”. */
const tests = /`(test\/[^`]+)`(?: “([^”]+)”)?/g

test.each(rows.map(([, situation, , cell]) => [situation!, cell!]))('the tests of this row exist: %s', (_row, cell) => {
  const named = [...cell.matchAll(tests)]
  expect(named.length).toBeGreaterThan(0)
  for (const [, file, title] of named) {
    expect(existsSync(join(root, file!)), file).toBe(true)
    if (title !== undefined) expect(readFileSync(join(root, file!), 'utf8')).toContain(title)
  }
})
