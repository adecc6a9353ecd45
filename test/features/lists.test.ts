import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {expect, test} from 'vitest'
import {parseColumns, parseSortBy, parseTemplate} from '../../src/terminal/list/query.ts'
import {listed} from './listings.ts'

const {commands} = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, {flags: Record<string, {char?: string; options?: string[]; helpValue?: string} | undefined>}>
}

/** Commands whose rows belong to no namespace (docs/decisions.md). */
const clusterWide = ['ca status', 'federate status', 'locality status']

const ids = Object.keys(commands).map(id => id.replaceAll(':', ' '))
const lists = ids.filter(id => / (list|status)$/.test(id))
const flagsOf = (id: string) => commands[id.replaceAll(' ', ':')]!.flags

test('the samples have every list and status command, and the list of certificates', () => {
  expect(Object.keys(listed(undefined)).sort()).toEqual([...lists, 'ingress tls --list'].sort())
})

test.each(lists)('%s has the flags of lists', id => {
  const flags = flagsOf(id)
  expect(flags.output?.char).toBe('o')
  expect(flags.output?.helpValue).toMatch(/^FORMAT/)
  expect(flags.watch?.char).toBe('w')
  expect(Object.keys(flags)).toEqual(expect.arrayContaining(['sort-by', 'no-headers']))
  if (clusterWide.includes(id)) return expect(flags).not.toHaveProperty('all-namespaces')
  expect(flags.namespace?.char).toBe('n')
  expect(flags['all-namespaces']?.char).toBe('A')
})

test.each(ids.filter(id => / (status|verify)$/.test(id)))('%s has --wait and --timeout', id => {
  expect(Object.keys(flagsOf(id))).toEqual(expect.arrayContaining(['wait', 'timeout']))
})

test.each(Object.keys(listed(undefined)))('%s: a table with AGE, and every other format', id => {
  const print = (format: Parameters<typeof listed>[0]) => listed(format)[id]!
  const [head, row] = print(undefined).split('\n')
  expect(head).toMatch(/^[A-Z]/)
  expect(head!.split(/ {2,}/)).toContain('AGE')
  expect(print('wide').split('\n')[0]!.length).toBeGreaterThanOrEqual(head!.length)
  expect(print({output: undefined, noHeaders: true}).split('\n')[0]).toBe(row)
  expect(print('name').split('\n')[0]).toMatch(/^[a-z-]+\/\S+$/)
  const data = JSON.parse(print('json')) as object[] | Record<string, object[]>
  expect(load(print('yaml'))).toEqual(data)
  const [key, items] = Array.isArray(data) ? ['', data] : Object.entries(data).find(([, one]) => Array.isArray(one))!
  const [path, value] = Object.entries(items[0] as Record<string, unknown>)[0]!
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  expect(print({output: parseTemplate(`{.${key}[0].${path}}`.replace('{.[', '{['))})).toBe(`${text}\n`)
  const columns = print({output: parseColumns(`FIRST:.${path}`)}).split('\n')
  expect(columns[0]).toBe('FIRST')
  expect(columns.length).toBeGreaterThan(1)
  // `listed` formats the other lists too, which do not have this field.
  const keyOf = parseSortBy(`.${path}`)
  expect(print({output: 'name', sortBy: item => keyOf(item) ?? null})).toBe(print('name'))
  expect(keyOf(items[0]!)).toBeDefined()
})
