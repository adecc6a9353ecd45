import {expect, test} from 'vitest'
import {parseLocality} from '../../../../src/features/locality/istio.ts'
import {localityListing} from '../../../../src/features/locality/status/report.ts'
import type {LocalityStatusData} from '../../../../src/features/locality/status/report-types.ts'
import type {ListFormat} from '../../../../src/terminal/list/list-format.ts'
import {formatListing, listingLines} from '../../../../src/terminal/list/listing.ts'

const now = new Date('2026-01-03T00:00:00Z')
const format = (status: LocalityStatusData, how: ListFormat) => formatListing(localityListing(status, now), how)

const group = (text: string, labels: Record<string, string> = {}) => ({locality: parseLocality(text), labels, count: 2})
const data: LocalityStatusData = {
  localities: [
    {
      ...{locality: parseLocality('r/z1'), nodes: 1, endpoints: 4, nodeNames: ['n1']},
      created: '2026-01-01T00:00:00Z',
    },
    {locality: parseLocality('q'), nodes: 0, endpoints: 2, nodeNames: [], created: null},
    {locality: parseLocality(''), nodes: 1, endpoints: 0, nodeNames: ['n2'], created: null},
  ],
  host: {
    host: 'web',
    source: 'DestinationRule shop/web',
    from: [
      {
        from: parseLocality('r/z1'),
        served: [
          {group: group('r/z1', {version: 'v1'}), priority: 0, share: 80, why: '80% from r to r'},
          {group: group('q'), priority: 1, why: 'another region'},
        ],
      },
      {from: parseLocality('q'), served: []},
    ],
  },
  findings: [{check: 'distribute', level: 'warning', message: 'found'}],
}

test('tables, then findings', () => {
  const text = format(data, undefined)
  expect(text.split('\n').slice(0, 4)).toEqual([
    'REGION   ZONE   SUBZONE   NODES   ENDPOINTS   SHARE                  AGE',
    'r        z1     -         1       4           ████████████████████   2d',
    'q        -      -         0       2           ██████████             -',
    '-        -      -         1       0           -                      -',
  ])
  expect(text).toContain('web   (DestinationRule shop/web)\n')
  expect(text).toMatch(/^r\/z1 +80% +r\/z1 version=v1 +2 +80% from r to r$/m)
  expect(text).toMatch(/^ +1 +q +2 +another region$/m)
  expect(text).toMatch(/^q +- +no endpoint +0/m)
  expect(text.indexOf('found')).toBeGreaterThan(text.indexOf('another region'))
})

test('the keys of the data are stable', () => {
  const parsed = JSON.parse(format(data, 'json'))
  expect(parsed).toEqual({
    places: [
      {
        ...{region: 'r', zone: 'z1', subzone: '', nodes: 1, endpoints: 4, nodeNames: ['n1']},
        created: '2026-01-01T00:00:00Z',
      },
      {region: 'q', zone: '', subzone: '', nodes: 0, endpoints: 2, nodeNames: [], created: null},
      {region: '', zone: '', subzone: '', nodes: 1, endpoints: 0, nodeNames: ['n2'], created: null},
    ],
    host: 'web',
    source: 'DestinationRule shop/web',
    servedFrom: [
      {
        from: 'r/z1',
        served: [
          {priority: 0, share: 80, locality: 'r/z1', labels: {version: 'v1'}, endpoints: 2, why: '80% from r to r'},
          {priority: 1, locality: 'q', endpoints: 2, why: 'another region'},
        ],
      },
      {from: 'q', served: []},
    ],
    findings: data.findings,
  })
  expect(format({localities: [], findings: []}, 'yaml')).toBe('places: []\nfindings: []\n')
})

test('names, sorted rows, further columns, and a node without a locality in yellow', () => {
  expect(format(data, 'name')).toBe('locality/r/z1\nlocality/q\nlocality/-\n')
  const byEndpoints = (item: object) => (item as {endpoints: number}).endpoints
  const sorted = format(data, {output: 'wide', noHeaders: true, sortBy: byEndpoints}).split('\n')
  expect(sorted.slice(0, 3).map(line => line.split(/ {2,}/).at(-1))).toEqual(['n2', '-', 'n1'])
  expect(listingLines(localityListing(data, now), undefined)[3]).toMatchObject({style: 'yellow'})
})
