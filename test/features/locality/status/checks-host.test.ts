import {expect, test} from 'vitest'
import {parseLocality} from '../../../../src/features/locality/istio.ts'
import {effectiveBalancing} from '../../../../src/features/locality/istio-balancing.ts'
import {type HostSubject, hostChecks} from '../../../../src/features/locality/status/checks-host.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {localityFacts} from '../../federate/samples-mesh.ts'
import {node, rule} from '../samples.ts'

const facts = localityFacts({nodes: [node('a', 'r/z1'), node('b', 'r/z2')]})

/** A host with one endpoint in each locality. */
function host(localities: string[], policy?: object, mesh?: {enabled: boolean}): HostSubject['host'] {
  return {
    name: 'web',
    endpoints: localities.map((text, index) => ({
      address: `10.0.0.${index}`,
      locality: parseLocality(text),
      labels: {},
    })),
    effective: effectiveBalancing({
      rule: policy && rule('shop/web', 'web', policy),
      trafficDistribution: undefined,
      mesh,
    }),
    unread: [],
  }
}
test('a rule with the label of another revision is not read', () => {
  const unread = rule('shop/web', 'web', {})
  unread.metadata.labels = {'istio.io/rev': '1-30'}
  const ids = runChecks(hostChecks, {
    facts: {...facts, revision: '1-31'},
    host: {...host(['r/z1', 'r/z2'], detects), unread: [unread]},
  }).map(({check, message}) => `${check}: ${message}`)
  expect(ids).toEqual([
    'read: DestinationRule shop/web for web is labelled istio.io/rev=1-30; revision 1-31 does not read it',
  ])
})

const detects = {outlierDetection: {}}
const found = (subject: HostSubject['host']) =>
  runChecks(hostChecks, {facts, host: subject}).map(({check, message}) => `${check}: ${message}`)

test.each([
  ['no outlier detection', host(['r/z1', 'r/z2']), 'outlier-detection: web has no outlier detection'],
  [
    'switched off',
    host(['r/z1', 'r/z2'], undefined, {enabled: false}),
    'outlier-detection: web: locality load balancing is off (the mesh config)',
  ],
  [
    'distribute',
    host(['r/z1', 'r/z2'], {loadBalancer: {localityLbSetting: {distribute: []}}}),
    'distribute: web: distribute is set (DestinationRule shop/web)',
  ],
  ['zone aware', host(['r/z1', 'r/z2'], {loadBalancer: {zoneAwareLbSetting: {}}}), 'zone-aware: web'],
  ['all endpoints in one zone', host(['r/z1', 'r/z1'], detects), 'one-sided: web: all 2 endpoints are in r/z1'],
  ['no endpoint in a zone with nodes', host(['r/z1', 'q/z9'], detects), 'one-sided: web: no endpoint in r/z2'],
  ['no endpoint', host([], detects), 'one-sided: web has no ready endpoint'],
])('%s', (_, subject, text) => {
  expect(found(subject)).toEqual([expect.stringContaining(text)])
})

test('no findings for a host that is spread and fails over', () => {
  expect(found(host(['r/z1', 'r/z2'], detects))).toEqual([])
})
