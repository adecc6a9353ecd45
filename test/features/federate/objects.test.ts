import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {applySetId} from '../../../src/engine/kubernetes/applyset.ts'
import {type Apply, type Change, targetOf} from '../../../src/engine/kubernetes/change.ts'
import {managedByLabels} from '../../../src/engine/kubernetes/labels.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'
import {type Wave, waveOf, waves} from '../../../src/engine/kubernetes/waves.ts'
import {
  buildFederation,
  type FederationFrame,
  type FederationMember,
  isNetworkLabelOurs,
} from '../../../src/features/federate/objects.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {frame, frozen, kubeconfigFor, member, members} from '../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

const ca = {caCert: 'CA\n', caKey: 'KEY\n', rootCert: 'ROOT\n', certChain: 'CHAIN\n'}
const adopted = (target: string) => ({target, kubeconfig: kubeconfigFor(target, 'another-owner'), adopted: true})

const cases: [name: string, frame: Partial<FederationFrame>, members: FederationMember[]][] = [
  ['two-networks', {}, members('east', 'west')],
  ['single-network', {singleNetwork: true}, members('east', 'west').map(one => ({...one, ownsNetworkLabel: false}))],
  [
    'revision-namespace-domain',
    {revision: '1-30', systemNamespace: 'mesh', clusterDomain: 'k8s.example.com'},
    members('east', 'west'),
  ],
  [
    'bundled',
    {credentials: 'bundled'},
    members('east', 'west', 'south').map(one => ({
      ...one,
      keepsInBundle: [{target: 'far', kubeconfig: kubeconfigFor('far', one.cluster), adopted: false}],
    })),
  ],
  [
    'adopted',
    {},
    [
      member('east', [], {holds: [adopted('west')], makeGateway: false, makeReader: false, ownsNetworkLabel: false}),
      member('west', ['east']),
    ],
  ],
  [
    'short-lived',
    {shortLived: true},
    [member('east', ['west']), member('west', [], {holds: [{target: 'east', kubeconfig: undefined, adopted: false}]})],
  ],
  [
    'primary-remote',
    {revision: '1-31'},
    [
      member('east', ['west'], {
        isPrimary: true,
        revision: '1-31',
        exposesIstiod: true,
        makeReader: false,
        record: {mode: 'primary-remote'},
      }),
      member('west', [], {primary: 'east', annotation: 'set', record: {mode: 'primary-remote', primary: 'east'}}),
    ],
  ],
  [
    'primary-remote-single-network',
    {singleNetwork: true},
    [
      member('east', ['west'], {isPrimary: true, exposesIstiod: true, makeReader: false, ownsNetworkLabel: false}),
      member('west', [], {primary: 'east', ownsNetworkLabel: false}),
    ],
  ],
  ['ca', {}, [member('east', ['west'], {ca}), member('west', ['east'], {ca: 'issued during apply'})]],
]

describe.each(cases)('%s', (name, more, input) => {
  const build = () => buildFederation(frozen({...frame, ...more}), frozen(input))

  test('golden', async () => {
    const text = textOfChanges(build())
    expect(textOfChanges(build())).toBe(text)
    await expectGolden(`federation/${name}.yaml`, text)
  })

  test('each object exists once per cluster', () => {
    const keys = build().map(change => `${change.cluster} ${refKey(targetOf(change))}`)
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
  })

  test('the ApplySet covers every created object, and removes each in the wave that created it', () => {
    const kinds = federationApplySet(frame).kinds.map(({apiVersion, kind}) => `${apiVersion} ${kind}`)
    const created = build().filter((change): change is Apply => change.action === 'apply' && !change.stays)
    for (const {object, wave} of created) {
      expect(kinds).toContain(`${object.apiVersion} ${object.kind}`)
      // Gateways of remote clusters are created later, and listeners earlier, but removed in the usual waves.
      const removed = new Map<Wave, Wave>([
        [waves.remoteGateways, waves.gateways],
        [waves.listeners, waves.exposure],
      ])
      expect([object.kind, waveOf(object)]).toEqual([object.kind, removed.get(wave) ?? wave])
    }
  })
})

describe('dependencies', () => {
  const objectsOf = (changes: readonly Change[], cluster: string) =>
    changes.filter(change => change.cluster === cluster).map(change => refKey(targetOf(change)))

  test("a cluster's own objects do not depend on the order of the clusters", () => {
    const [east, west, south] = members('east', 'west', 'south') as [
      FederationMember,
      FederationMember,
      FederationMember,
    ]
    const one = buildFederation(frame, [east, west, south])
    const other = buildFederation(frame, [south, east, west])
    for (const cluster of ['east', 'west', 'south'])
      expect(new Set(objectsOf(other, cluster))).toEqual(new Set(objectsOf(one, cluster)))
  })

  test('a third cluster does not change the objects of the first two', () => {
    const textOf = (changes: Change[]) =>
      new Set(textOfChanges(changes.filter(({cluster}) => cluster === 'east')).split('---\n'))
    const two = textOf(buildFederation(frame, members('east', 'west')))
    const three = textOf(buildFederation(frame, members('east', 'west', 'south')))
    for (const text of two) expect([...three]).toContain(text)
  })

  test('an adopted credential creates no Secret in its holder or its target', () => {
    const changes = buildFederation(frame, [
      member('east', [], {holds: [adopted('west')]}),
      member('west', [], {holds: [adopted('east')]}),
    ])
    expect(changes.map(targetOf).filter(({kind}) => kind === 'Secret')).toEqual([])
  })

  test('the record contains whether the network label is ours', () => {
    const record = (ownsNetworkLabel: boolean) =>
      (buildFederation(frame, [member('east', [], {ownsNetworkLabel})]) as Apply[]).find(
        ({object}) => object?.kind === 'ConfigMap',
      )!.object
    expect(isNetworkLabelOurs(record(true))).toBe(true)
    expect(isNetworkLabelOurs(record(false))).toBe(false)
    expect(isNetworkLabelOurs(undefined)).toBe(false)
  })

  test('each namespace has a separate ApplySet, and all revisions share it', () => {
    const ids = [frame, {...frame, revision: '1-30'}, {...frame, systemNamespace: 'mesh'}].map(one =>
      applySetId(federationApplySet(one)),
    )
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })

  test('what a gateway listens on is applied before its pods may change', () => {
    const own = buildFederation(frame, [member('east', [], {isPrimary: true, exposesIstiod: true})]) as Apply[]
    const waveOfKind = (kind: string) => own.find(({object}) => object?.kind === kind)!.wave
    for (const kind of ['Gateway', 'VirtualService']) expect(waveOfKind(kind)).toBeLessThan(waveOfKind('Deployment'))
  })

  test('the istiods of other revisions stay exposed', () => {
    const own = buildFederation(frame, [
      member('east', [], {isPrimary: true, exposesIstiod: true, revision: '1-31', alsoExposes: ['1-30', undefined]}),
    ]) as Apply[]
    const routes = own.filter(({object}) => object?.kind === 'VirtualService')
    expect(routes.map(({object}) => object.metadata.name)).toEqual(['istiod-vs-1-31', 'istiod-vs-1-30', 'istiod-vs'])
    for (const {object} of routes) expect(object.metadata.labels).toEqual(managedByLabels)
  })
})

test('any number of clusters: each has one credential for every other, and one token Secret for every other', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), {minLength: 2, maxLength: 6})
  fc.assert(
    fc.property(names, fc.boolean(), (clusters, shortLived) => {
      const changes = buildFederation({...frame, shortLived}, frozen(members(...clusters)))
      const secrets = changes
        .map(change => ({cluster: change.cluster, ...targetOf(change)}))
        .filter(({kind}) => kind === 'Secret')
      for (const one of clusters)
        for (const other of clusters) {
          const pairs = ['istio-remote-secret', shortLived ? 'istio-remote-bound-token' : 'istio-remote-token'].map(
            prefix => secrets.filter(({cluster, name}) => cluster === one && name === `${prefix}-${other}`).length,
          )
          expect(pairs).toEqual(one === other ? [0, 0] : [1, 1])
        }
    }),
    {numRuns: 30},
  )
})
