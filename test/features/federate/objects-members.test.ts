import {describe, expect, test} from 'vitest'
import {controlPlaneClustersAnnotation} from '../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {FederationMember} from '../../../src/features/federate/objects.ts'
import {federationMembers, type MemberSources} from '../../../src/features/federate/objects-members.ts'
import {federationFields} from '../../../src/features/federate/spec.ts'
import type {FederationFacts} from '../../../src/mesh/facts.ts'
import {remoteRecordData} from '../../../src/mesh/record.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {facts, gatewayService, member} from '../../mesh/samples.ts'
import {ledNamespace, primaryAndRemote, type RemoteDiffers} from '../../mesh/samples-remote.ts'

const object = (kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {name},
  ...more,
})
const record = (data: Record<string, string>) => object('ConfigMap', 'r', {data})
const account = object('ServiceAccount', 'istio-reader-service-account')
const unlabelled = object('Namespace', 'istio-system')

/** The input of the builder for east, beside west. */
function eastMember(more: Partial<FederationFacts> = {}, raw: object = {}, ca?: MemberSources['ca']): FederationMember {
  const spec = readSpec(federationFields, {contexts: ['east', 'west'], ...raw})
  return federationMembers({spec, ca, credentials: undefined}, [member('east', more, raw), member('west', {}, raw)])[0]!
}

describe('what a cluster lacks, and what is ours', () => {
  test.each<[string, Partial<FederationFacts>, object, Partial<FederationMember>]>([
    ['an existing network label', {}, {}, {ownsNetworkLabel: false}],
    ['no network label', {namespace: unlabelled}, {}, {ownsNetworkLabel: true}],
    ['our network label', {record: record({'network-label': 'ours'})}, {}, {ownsNetworkLabel: true}],
    [
      'our network label on a single network',
      {record: record({'network-label': 'ours'})},
      {singleNetwork: true},
      {ownsNetworkLabel: false, dropsNetworkLabel: true},
    ],
    ['no gateway', {}, {}, {makeGateway: true}],
    ['an existing gateway', {networkGateways: [gatewayService('net-east')]}, {}, {makeGateway: false}],
    [
      'our gateway beside an existing one',
      {networkGateways: [gatewayService('net-east')], created: [object('Service', 'istio-eastwestgateway')]},
      {},
      {makeGateway: true},
    ],
    [
      'our gateway Deployment with its selector',
      {created: [object('Deployment', 'istio-eastwestgateway', {spec: {selector: {matchLabels: {app: 'x'}}}})]},
      {},
      {gatewaySelector: {app: 'x'}},
    ],
    ['no reader account', {}, {}, {makeReader: true}],
    ['an existing reader account', {reader: {account, allowed: true, readsSecrets: true}}, {}, {makeReader: false}],
    [
      'an existing reader account without permissions',
      {reader: {account, allowed: false, readsSecrets: true}},
      {},
      {makeReader: true},
    ],
    [
      'our reader account beside an existing one',
      {reader: {account, allowed: true, readsSecrets: true}, created: [object('ClusterRole', 'istio-reader')]},
      {},
      {makeReader: true},
    ],
    ['gateways mode', {}, {mode: 'gateways'}, {makeReader: false, record: {mode: 'gateways', dns: 'istio'}}],
    [
      'a former remote with our annotation',
      {
        record: record(
          remoteRecordData({primary: 'x', ownsAnnotation: true, pilotAddress: undefined, singleNetwork: false}),
        ),
      },
      {},
      {annotation: 'remove'},
    ],
  ])('%s', (_, more, raw, expected) => expect(eastMember(more, raw)).toMatchObject(expected))
})

describe('cacerts', () => {
  const ca = {caCert: 'CA', caKey: 'KEY', rootCert: 'ROOT', certChain: 'CHAIN'}
  test.each<[string, MemberSources['ca'], FederationMember['ca']]>([
    ['no CA folder', undefined, undefined],
    ['an intermediate in the folder', {root: 'ROOT', intermediates: new Map([['east', ca]])}, ca],
    ['no intermediate yet', {root: 'ROOT', intermediates: new Map()}, 'issued during apply'],
  ])('%s', (_, folder, expected) => expect(eastMember({}, {}, folder).ca).toEqual(expected))

  test('none for a remote', () => {
    const {spec, all} = primaryAndRemote()
    const folder = {root: 'ROOT', intermediates: new Map()}
    const members = federationMembers({spec, ca: folder, credentials: undefined}, all)
    expect(members.map(one => one.ca)).toEqual(['issued during apply', undefined])
  })
})

describe('a primary and its remote', () => {
  const membersFor = (differs: RemoteDiffers) => {
    const {spec, all} = primaryAndRemote(differs)
    return federationMembers({spec, ca: undefined, credentials: undefined}, all)
  }
  const virtualService = object('VirtualService', 'istiod-vs')

  test('roles', () => {
    const [east, west] = membersFor({})
    expect(east).toMatchObject({isPrimary: true, makeReader: false, record: {mode: 'primary-remote'}})
    expect(west).toMatchObject({isPrimary: false, primary: 'east', exposesIstiod: false})
  })

  test.each<[string, RemoteDiffers, boolean]>([
    ['istiod is exposed already', {}, false],
    ['istiod is not exposed', {eastRemote: {istiodExposed: false}}, true],
    ['istiod is exposed by us', {east: {...facts('east'), created: [virtualService]}}, true],
  ])('%s', (_, differs, expected) => expect(membersFor(differs)[0]?.exposesIstiod).toBe(expected))

  test.each<[string, RemoteDiffers, FederationMember['annotation']]>([
    ['the annotation names the primary', {}, undefined],
    ['the annotation is missing', {west: {namespace: unlabelled}}, 'set'],
    ['the annotation names another primary', {west: {namespace: ledNamespace('north')}}, 'set'],
  ])('%s', (_, differs, expected) => expect(membersFor(differs)[1]?.annotation).toBe(expected))

  test('a reader without write access is not sufficient in a remote', () => {
    expect(membersFor({})[1]?.makeReader).toBe(false)
    expect(membersFor({westRemote: {readerLeads: false}})[1]?.makeReader).toBe(true)
  })

  test('the annotation is a label of Istio', () => {
    expect(controlPlaneClustersAnnotation).toBe('topology.istio.io/controlPlaneClusters')
  })
})
