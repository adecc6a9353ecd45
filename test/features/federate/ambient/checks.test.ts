import {describe, expect, test} from 'vitest'
import {ambientChecks} from '../../../../src/features/federate/ambient/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import type {ControlPlane} from '../../../../src/istio/control-plane.ts'
import type {AmbientFacts} from '../../../../src/mesh/ambient/facts.ts'
import {subject} from '../preflight/samples.ts'
import {ambientFacts, ambientGateway} from './samples.ts'

/** Findings where west differs from a cluster that is ready. */
function findings(
  west: Partial<AmbientFacts>,
  plane: Partial<ControlPlane> = {},
  raw: object = {dataPlane: 'ambient'},
) {
  const given = subject({
    raw,
    east: ambientFacts('east'),
    west: {...ambientFacts('west', west, plane), revision: plane.revision},
  })
  return runChecks(ambientChecks, given)
}

const other = (namespace: string) =>
  ambientGateway('west', {
    ...ambientGateway('west'),
    metadata: {...ambientGateway('west').metadata, name: 'other', namespace},
  })
const labelled = (labels: Record<string, string>) => {
  const {metadata} = ambientGateway('west')
  return ambientGateway('west', {metadata: {...metadata, labels: {...metadata.labels, ...labels}}})
}
const helm = {
  name: 'Helm',
  tool: 'helm',
  release: {name: 'istiod', namespace: 'istio-system'},
} as unknown as NonNullable<ControlPlane['manager']>

describe('checks of ambient mode', () => {
  test('find nothing in clusters that are ready, and nothing for sidecars', () => {
    expect(findings({})).toEqual([])
    expect(findings({ztunnels: []}, {ambient: {multiNetwork: false, sharesServices: false, scopes: []}}, {})).toEqual(
      expect.not.arrayContaining([expect.objectContaining({cluster: 'west'})]),
    )
  })

  test.each<[check: string, message: RegExp, hint: RegExp, west: Partial<AmbientFacts>, plane?: Partial<ControlPlane>]>(
    [
      [
        'ambient-istiod',
        /has no AMBIENT_ENABLE_MULTI_NETWORK=true: it sends ztunnel nothing about other networks$/,
        /--set values\.pilot\.env\.AMBIENT_ENABLE_MULTI_NETWORK=true/,
        {},
        {ambient: {multiNetwork: false, sharesServices: true, scopes: []}},
      ],
      [
        'ambient-scope',
        /no serviceScopeConfigs with scope GLOBAL/,
        /--set profile=ambient/,
        {},
        {ambient: {multiNetwork: true, sharesServices: false, scopes: []}},
      ],
      [
        'ambient-scope',
        /no serviceScopeConfigs with scope GLOBAL/,
        /--set-json 'meshConfig\.serviceScopeConfigs=\[\{"servicesSelector"/,
        {},
        {ambient: {multiNetwork: true, sharesServices: false, scopes: []}, manager: helm},
      ],
      [
        'ambient-gateway-class',
        /definitions of the Gateway API are missing/i,
        /standard-install\.yaml/,
        {hasGatewayApi: false},
      ],
      ['ambient-gateway-class', /GatewayClass istio-east-west is missing/, /rollout restart/, {classes: new Set()}],
      [
        'ambient-ztunnel',
        /no DaemonSet runs ztunnel/,
        /network=net-west and multiCluster\.clusterName=west/,
        {ztunnels: []},
      ],
      [
        'ambient-ztunnel',
        /has network \(none\); expected net-west and cluster \(none\); expected west/,
        /network=net-west/,
        {ztunnels: [{name: 'istio-system/ztunnel', network: undefined, cluster: undefined, istiod: undefined}]},
      ],
      ['ambient-version', /1\.26\.0 does not support/, /upgrade/, {}, {version: '1.26.0'}],
      ['ambient-version', /is alpha in Istio 1\.28\.0/, /upgrade/, {}, {version: '1.28.0'}],
      ['ambient-version', /1\.31\.0 leaks memory/, /1\.31\.1/, {}, {version: '1.31.0'}],
      [
        'ambient-one-gateway',
        /net-west has the gateways istio-system\/istio-eastwestgateway-ambient, shop\/other;/,
        /all but one/,
        {gateways: [ambientGateway('west'), other('shop')]},
      ],
      [
        'ambient-gateway-revision',
        /has the label istio\.io\/rev=old, and no istiod has the revision old/,
        /label --overwrite gateways\.gateway\.networking\.k8s\.io istio-eastwestgateway-ambient istio\.io\/rev=default/,
        {gateways: [labelled({'istio.io/rev': 'old'})]},
      ],
    ],
  )('%s: %s', (check, message, hint, west, plane) => {
    const [found, ...more] = findings(west, plane)
    expect(more).toEqual([])
    expect(found).toMatchObject({check, cluster: 'west', message: expect.stringMatching(message)})
    expect(found!.hints!.join('\n')).toMatch(hint)
  })

  test('a gateway may have the label of a tag, and none where the tag default exists', () => {
    const tag = (name: string) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: {name: `istio-revision-tag-${name}`, labels: {'istio.io/tag': name, 'istio.io/rev': '1-31'}},
    })
    const raw = {dataPlane: 'ambient', revision: '1-31'}
    const injectors = [tag('prod'), tag('default')]
    for (const gateway of [labelled({'istio.io/rev': 'prod'}), ambientGateway('west')]) {
      const found = findings({gateways: [gateway], injectors}, {revision: '1-31'}, raw)
      expect(found.filter(({check, cluster}) => cluster === 'west' && check === 'ambient-gateway-revision')).toEqual([])
    }
  })

  test('a gateway without a label, where no default revision exists', () => {
    const found = findings({}, {revision: '1-31'}, {dataPlane: 'ambient', revision: '1-31'})
    const own = found.filter(({check, cluster}) => cluster === 'west' && check === 'ambient-gateway-revision')
    expect(own).toMatchObject([
      {
        message: expect.stringMatching(/has no label, and no istiod has the revision default/),
        hints: [expect.stringMatching(/ istio\.io\/rev=1-31$/)],
      },
    ])
  })

  test('a control plane that this run renders creates the GatewayClass and ztunnel, but not the Gateway API', () => {
    const given = subject({raw: {dataPlane: 'ambient'}, east: ambientFacts('east'), west: {}})
    const found = (facts: Partial<AmbientFacts>) => {
      const {ambient} = ambientFacts('west', {classes: new Set(), ztunnels: [], gateways: [], ...facts})
      const all = given.all.map(one =>
        one.cluster === 'west'
          ? {
              ...one,
              facts: {...one.facts!, ambient: ambient!},
              controlPlane: {...one.controlPlane!, ambient: given.all[0]!.controlPlane!.ambient!},
              rendered: {created: [], unrecorded: []},
            }
          : one,
      )
      return runChecks(ambientChecks, {...given, all})
        .filter(({cluster, level}) => cluster === 'west' && level === 'error')
        .map(({check}) => check)
    }
    expect(found({})).toEqual([])
    expect(found({hasGatewayApi: false})).toEqual(['ambient-gateway-class'])
  })

  test('sidecar: ztunnel without a gateway is a warning', () => {
    const found = findings({}, {}, {}).map(({check, level, cluster}) => [check, level, cluster])
    for (const check of ['ambient-unserved', 'ambient-global'])
      for (const cluster of ['east', 'west']) expect(found).toContainEqual([check, 'warning', cluster])
    expect(found).toHaveLength(4)
  })

  test('both: the combinations without a path are a warning', () => {
    const found = findings({}, {}, {dataPlane: 'both'})
    expect(found.map(({level}) => level)).toEqual(['warning', 'warning', 'warning'])
    expect(found.map(({check}) => check).sort()).toEqual(['ambient-global', 'ambient-global', 'ambient-mixed'])
    const [istiod] = findings(
      {},
      {ambient: {multiNetwork: false, sharesServices: true, scopes: []}},
      {dataPlane: 'both'},
    )
    expect(istiod).toMatchObject({
      check: 'ambient-istiod',
      hints: expect.arrayContaining([expect.stringContaining('first set the label istio.io/global=true')]),
    })
  })
})
