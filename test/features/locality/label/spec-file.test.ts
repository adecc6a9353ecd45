import {describe, expect, test} from 'vitest'
import {parseLocalityFile} from '../../../../src/features/locality/label/spec-file.ts'

describe('localities of a file', () => {
  const localities = {a: 'r/z', b: 'r'}
  test.each([
    ['nodes.csv', 'node,region,zone\r\n a , r,z\n\n# none\nb,r,\n'],
    ['nodes.CSV', '\uFEFFzone,Node,region\n"z","a","r"\n,b,r'],
    ['nodes.yaml', 'a: r/z\nb: r\n'],
    ['nodes.yml', 'a: {region: r, zone: z}\nb:\n  region: r\n'],
  ])('%s', (file, text) => {
    const found = Object.fromEntries(
      [...parseLocalityFile(text, file)].map(([node, {region, zone}]) => [node, zone ? `${region}/${zone}` : region]),
    )
    expect(found).toEqual(localities)
  })

  test.each([
    ['a.csv', 'name,place\na,r\n', 'the first line is not node,region'],
    ['a.csv', '', 'the first line is not node,region'],
    ['a.csv', 'node,region\n', 'a.csv lists no nodes'],
    ['a.csv', 'node,region\na,r,z\n', 'line 2: a: too many cells (3; expected 2)'],
    ['a.csv', 'node,region\nA B,r\n', 'line 2: A B is not a DNS name'],
    ['a.csv', 'node,region\na,\n', 'line 2: a: an empty text'],
    ['a.csv', 'node,region\na,r\na,r\n', 'line 3: a is listed twice'],
    ['a.yaml', '- a\n', 'is not a map of nodes'],
    ['a.yaml', 'a: [', 'a.yaml: '],
    ['a.yaml', 'a: {regio: r}\n', 'unknown key regio'],
    ['a.yaml', 'a: r/z/s/t\n', 'is not REGION'],
  ])('%s %j: %s', (file, text, problem) => {
    expect(() => parseLocalityFile(text, file)).toThrow(problem)
  })
})

test('at most ten problems are listed', () => {
  const lines = Array.from({length: 12}, (_, index) => `N${index},r`)
  expect(() => parseLocalityFile(['node,region', ...lines].join('\n'), 'a.csv')).toThrow(/^(.*line \d+.*\n?){10}$/)
})
