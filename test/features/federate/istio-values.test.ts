import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {MeshError} from '../../../src/errors.ts'
import {completeForRemote, controlPlaneInput} from '../../../src/features/federate/istio-values.ts'
import {federationFields} from '../../../src/features/federate/spec.ts'
import type {RequestedValues} from '../../../src/istio/render/input.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {member} from '../../mesh/samples.ts'
import {injector, primaryAddress, primaryAndRemote} from '../../mesh/samples-remote.ts'

const nothing: RequestedValues = {values: {}, operator: {}}

/** The input for east, a cluster with its own istiod. */
function inputFor(more: object, requested = nothing) {
  const raw = {controlPlane: 'istioctl', ...more}
  const spec = readSpec(federationFields, {contexts: ['east', 'west'], ...raw})
  const all = [member('east', {}, raw), member('west', {}, raw)]
  return controlPlaneInput(spec, all[0]!, all, requested)
}

describe('a cluster with its own istiod', () => {
  test('has the names of the mesh', () => {
    expect(inputFor({revision: undefined})).toMatchObject({
      namespace: 'istio-system',
      meshId: 'mesh1',
      clusterName: 'east',
      network: 'net-east',
      trustDomain: 'cluster.local',
      isDefault: false,
    })
  })

  test.each([
    ['no further values by default', {}, {}],
    ['a certificate provider', {certProvider: 'custom'}, {global: {pilotCertProvider: 'custom'}}],
    ['the service of remotes', {mode: 'primary-remote', primary: 'east'}, {global: {externalIstiod: true}}],
    [
      'DNS capture in gateways mode',
      {mode: 'gateways'},
      {meshConfig: {defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}}},
    ],
    ['no DNS capture with CoreDNS', {mode: 'gateways', dns: 'coredns'}, {}],
  ])('%s', (_, raw, values) => expect(inputFor(raw).requested.values).toEqual(values))

  test('pods in ambient mode need the profile ambient, istio-cni and ztunnel', () => {
    for (const dataPlane of ['ambient', 'both'])
      expect(inputFor({dataPlane})).toMatchObject({profile: 'ambient', ambient: true})
    expect(inputFor({dataPlane: 'ambient', profile: 'openshift-ambient'})).toMatchObject({profile: 'openshift-ambient'})
    expect(inputFor({})).toMatchObject({profile: 'minimal'})
    expect(inputFor({})).not.toHaveProperty('ambient')
  })

  test('requested values have precedence', () => {
    const requested = {values: {global: {externalIstiod: false}}, operator: {}}
    const {values} = inputFor({mode: 'primary-remote', primary: 'east'}, requested).requested
    expect(values).toEqual({global: {externalIstiod: false}})
  })

  test('values that contradict the mesh are refused, with the flag that sets them', () => {
    const requested = {values: {global: {meshID: 'mesh2'}}, operator: {}}
    try {
      inputFor({}, requested)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(MeshError)
      expect((error as MeshError).exit).toBe(2)
      expect((error as MeshError).problems).toEqual([
        {
          message: '--set or --values sets global.meshID to mesh2; expected mesh1 for east',
          hints: ['omit it from --set and --values; use --mesh-id ID'],
        },
      ])
    }
  })
})

describe('a remote', () => {
  const remoteInput = (raw: object = {}, requested = nothing) => {
    const {spec, all} = primaryAndRemote({raw, east: raw && 'noGateway' in raw ? {networkGateways: []} : {}})
    return controlPlaneInput(spec, all[1], all, requested)
  }

  test("has the primary's address, and a fixed profile", () => {
    const input = remoteInput({}, {values: {profile: 'demo'}, operator: {profile: 'demo'}})
    expect(input).toMatchObject({profile: 'remote', clusterName: 'west', remote: {address: primaryAddress}})
    expect(input.requested).toMatchObject({operator: {}, values: {global: {remotePilotAddress: primaryAddress}}})
    expect(input.requested.values).not.toHaveProperty('profile')
  })

  test('has a placeholder while the primary has no address', () => {
    const {remote, requested} = remoteInput({noGateway: true})
    expect(remote).toEqual({address: undefined})
    expect(requested.values).toMatchObject({global: {remotePilotAddress: '192.0.2.1'}})
  })
})

describe('completeForRemote', () => {
  const object = (kind: string, data: object = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind,
    metadata: {name: 'x'},
    data,
  })

  test.each<[string, KubernetesObject, boolean]>([
    ['a Service', object('Service'), true],
    ['a webhook', object('MutatingWebhookConfiguration'), true],
    ['an object with the placeholder', object('ConfigMap', {address: '192.0.2.1'}), true],
    ['another object', object('ConfigMap'), false],
  ])('without an address: %s', (_, rendered, isPending) => {
    const {pending} = completeForRemote(rendered, undefined, 'east')
    expect(pending !== undefined).toBe(isPending)
    if (isPending) expect(pending).toContain('the address of the gateway of east')
  })

  test('for a host name, the webhook uses the port of the gateway', () => {
    const {object: webhook, pending} = completeForRemote(injector('west', 'n'), 'lb.example.com', 'east')
    expect(pending).toBeUndefined()
    expect(webhook).toMatchObject({webhooks: [{clientConfig: {service: {port: 15017}}}, {}]})
  })
})
