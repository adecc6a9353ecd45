import {expect, test} from 'vitest'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {ageText, formatListing, type Listing, listingLines, markedLines} from '../../../src/terminal/list/listing.ts'
import {parseColumns, parseSortBy, parseTemplate} from '../../../src/terminal/list/query.ts'

interface Row {
  name: string
  namespace: string
  pods: number | undefined
}
const rows: Row[] = [
  {name: 'b', namespace: 'n1', pods: 10},
  {name: 'a', namespace: 'n2', pods: 9},
  {name: 'c', namespace: 'n1', pods: undefined},
]
const listing: Listing<Row> = {
  rows,
  columns: [
    {head: 'name', cell: ({name}) => name},
    {head: 'pods', cell: ({pods}) => pods?.toString()},
    {head: 'namespace', cell: ({namespace}) => namespace, wide: true},
  ],
  document: items => ({things: items}),
  item: row => row,
  name: ({name}) => `thing/${name}`,
  namespaces: ({namespace}) => [namespace],
  state: ({pods}) => (pods === undefined ? 'error' : undefined),
  below: shown => `✘ ${shown.length} shown\n`,
}
const format = (options: ListFormat) => formatListing(listing, options)

test('a table has - for empty cells, more columns with wide, and no headers with --no-headers', () => {
  expect(format(undefined)).toBe('NAME   PODS\nb      10\na      9\nc      -\n✘ 3 shown\n')
  expect(format('wide')).toContain('b      10     n1\n')
  expect(format({output: undefined, noHeaders: true})).toBe('b      10\na      9\nc      -\n')
  expect(format({output: undefined, again: true})).toBe('b      10\na      9\nc      -\n✘ 3 shown\n')
})

test('-n selects rows in every format', () => {
  expect(format({output: 'name', namespace: 'n1'})).toBe('thing/b\nthing/c\n')
  expect(JSON.parse(format({output: 'json', namespace: 'n2'}))).toEqual({
    things: [{name: 'a', namespace: 'n2', pods: 9}],
  })
  expect(format({output: undefined, namespace: 'n2'})).toContain('✘ 1 shown')
})

test('--sort-by compares numbers by value and texts by letter; a missing value is first', () => {
  expect(format({output: 'name', sortBy: parseSortBy('.pods')})).toBe('thing/c\nthing/a\nthing/b\n')
  expect(format({output: 'name', sortBy: parseSortBy('{.name}')})).toBe('thing/a\nthing/b\nthing/c\n')
})

test('--sort-by with a path that no row has is an error; a field without a value is none', () => {
  expect(() => format({output: 'name', sortBy: parseSortBy('.nope')})).toThrow('no row has a value at this path')
  const [, , none] = rows
  const sorted = formatListing({...listing, rows: [none!]}, {output: 'name', sortBy: parseSortBy('.pods')})
  expect(sorted).toBe('thing/c\n')
  expect(formatListing({...listing, rows: []}, {output: 'name', sortBy: parseSortBy('.nope')})).toBe('')
})

test.each([
  ['{.things[*].name}', 'b a c'],
  ['{.things[0].pods}', '10'],
  ['{range .things[*]}{.name}={.pods}{"\\n"}{end}', 'b=10\na=9\nc='],
  ["{.things[?(@.name=='a')].namespace}", 'n2'],
  ['{.things[-1:].name}{"\\t"}{"{x}"}', 'c\t{x}'],
  ['plain {.missing}', 'plain '],
])('jsonpath %s prints %j, as kubectl does', (template, expected) => {
  expect(format({output: parseTemplate(template)})).toBe(`${expected}\n`)
})

test('custom columns are evaluated for each row', () => {
  expect(format({output: parseColumns('NAME:.name,PODS:{.pods}')})).toBe('NAME   PODS\nb      10\na      9\nc      -\n')
  expect(format({output: parseColumns('N:.name'), noHeaders: true})).toBe('b\na\nc\n')
})

test.each(['{', '}', '{range .a}', '{end}', '{.a[}', '{}', '{.a.}', "{[?(@.a=='x']}"])(
  'jsonpath %s is an error',
  text => {
    expect(() => parseTemplate(text)).toThrow()
  },
)

test.each(['NAME', ':.a', 'NAME:', 'A:.a,'])('custom-columns=%s is an error', text => {
  expect(() => parseColumns(text)).toThrow('is not HEAD:PATH')
})

test('an expression cannot run code', () => {
  const template = "{.things[?(@.constructor.constructor('globalThis.hacked = 1')())]}"
  try {
    format({output: parseTemplate(template)})
  } catch {}
  expect((globalThis as {hacked?: number}).hacked).toBeUndefined()
})

test('states and marks have colors', () => {
  expect(listingLines(listing, undefined).map(({style}) => style)).toEqual([
    undefined,
    undefined,
    undefined,
    'red',
    'red',
  ])
  expect(markedLines('  ✔ a\n  ‼ b\nc\n').map(({style}) => style)).toEqual(['green', 'yellow', undefined])
})

test('ages have whole seconds, and none without a time', () => {
  const now = new Date('2026-01-01T01:00:00.900Z')
  expect(ageText('2026-01-01T00:59:58.200Z', now)).toBe('2s')
  expect(ageText('2026-01-01T02:00:00Z', now)).toBe('0s')
  expect([ageText(undefined, now), ageText('never', now)]).toEqual([undefined, undefined])
})
