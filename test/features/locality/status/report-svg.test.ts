import {expect, test} from 'vitest'
import {parseLocality} from '../../../../src/features/locality/istio.ts'
import {formatLocalitySvg} from '../../../../src/features/locality/status/report-svg.ts'
import type {LocalityStatusData} from '../../../../src/features/locality/status/report-types.ts'
import {expectGolden} from '../../../support/golden.ts'
import {parseXml, skeletonOfXml} from '../../../support/xml.ts'

const served = (text: string, count: number, priority: number) => ({
  ...{group: {locality: parseLocality(text), labels: {}, count}, priority, why: ''},
})

function status(host: string, label = ''): LocalityStatusData {
  const labelled = {...served('eu-2/b', 2, 1), group: {...served('eu-2/b', 2, 1).group, labels: {version: label}}}
  const from = [
    {from: parseLocality('eu-1/a'), served: [served('eu-1/a', 1, 0), served('eu-1/b', 3, 0), labelled]},
    {from: parseLocality('eu-2/b'), served: []},
  ]
  return {localities: [], host: {host, source: 'DestinationRule shop/web', from}, findings: []}
}

test('bars of where clients are served from', async () => {
  await expectGolden('locality/served.svg', formatLocalitySvg(status('web.shop.svc.cluster.local', 'v1')))
})

test('without a host, bars of the endpoints of each locality', async () => {
  const localities = [
    {locality: parseLocality('eu-1/a'), nodes: 2, endpoints: 4, nodeNames: ['a', 'b'], created: null},
    {locality: parseLocality('eu-2/b'), nodes: 1, endpoints: 0, nodeNames: ['c'], created: null},
  ]
  await expectGolden('locality/endpoints.svg', formatLocalitySvg({localities, findings: []}))
})

test('no text of a cluster adds markup', () => {
  const skeleton = (text: string) => skeletonOfXml(parseXml(formatLocalitySvg(status(text, text))))
  for (const hostile of [
    '</text></svg><script>alert(1)</script>',
    '" onload="alert(1)',
    '&lt;b&gt;',
    '\u001b[2J\u202e',
  ])
    expect(skeleton(hostile)).toEqual(skeleton('safe'))
})
