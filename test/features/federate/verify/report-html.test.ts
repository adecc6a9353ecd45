import {expect, test} from 'vitest'
import {formatVerifiedPage} from '../../../../src/features/federate/verify/report-html.ts'
import {expectGolden} from '../../../support/golden.ts'
import {parseXml, skeletonOfXml} from '../../../support/xml.ts'

function page(text: string): string {
  const columns = ['east', 'west', text].map(cluster => ({cluster, version: 'v1'}))
  const from = (cluster: string, counts: [string, number][], failed: number) => ({
    ...{from: cluster, client: 'pod', answered: new Map(counts), failed, failure: undefined},
  })
  const answers = [
    from('east', Object.entries({east: 9, west: 11}), 0),
    from(text, Object.entries({east: 20, west: 0}), 3),
  ]
  const verified = [
    {
      title: `${text}  (Istio 1.31.0)`,
      checks: [
        {id: 'gateway', about: `gateway ${text}`},
        {id: 'credential', about: 'credentials'},
        {id: 'dns', about: 'names'},
      ],
      findings: [
        {check: 'credential', level: 'error' as const, message: `no credential for ${text}`, hints: [`run ${text}`]},
        {check: 'dns', level: 'warning' as const, message: 'a warning'},
      ],
    },
  ]
  return formatVerifiedPage({verified, answers, columns, time: new Date('2026-11-29T08:00:00Z')})
}

test('a matrix of responses, and every check', async () => {
  await expectGolden('federate/verify.html', page('south'))
})

test('no text of a cluster adds markup', () => {
  const skeleton = (text: string) => skeletonOfXml(parseXml(page(text).replace(/^<!doctype html>\n/, '')))
  const hostile = ['</td></table><script>alert(1)</script>', '" onload="alert(1)', '&lt;b&gt;', '\u001b[2J\u202e']
  for (const text of hostile) expect(skeleton(text)).toEqual(skeleton('safe'))
})
