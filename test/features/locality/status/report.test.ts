import {expect, test} from 'vitest'
import {parseLocality} from '../../../../src/features/locality/istio.ts'
import {formatLocalityStatus, type LocalityStatusData} from '../../../../src/features/locality/status/report.ts'

const group = (text: string, labels: Record<string, string> = {}) => ({locality: parseLocality(text), labels, count: 2})
const data: LocalityStatusData = {
  localities: [{locality: parseLocality('r/z1'), nodes: 1, endpoints: 4}],
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
  const text = formatLocalityStatus(data, undefined)
  expect(text).toMatch(/^r +z1 +- +1 +4 +█{20}$/m)
  expect(text).toContain('web   (DestinationRule shop/web)\n')
  expect(text).toMatch(/^r\/z1 +80% +r\/z1 version=v1 +2 +80% from r to r$/m)
  expect(text).toMatch(/^ +1 +q +2 +another region$/m)
  expect(text).toMatch(/^q +- +no endpoint +0/m)
  expect(text.indexOf('found')).toBeGreaterThan(text.indexOf('another region'))
})

test('the keys of the data are stable', () => {
  const parsed = JSON.parse(formatLocalityStatus(data, 'json'))
  expect(parsed).toEqual({
    places: [{region: 'r', zone: 'z1', subzone: '', nodes: 1, endpoints: 4}],
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
  expect(formatLocalityStatus({localities: [], findings: []}, 'yaml')).toBe('places: []\nfindings: []\n')
})
