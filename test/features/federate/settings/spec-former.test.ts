import {expect, test} from 'vitest'
import {formerSettings} from '../../../../src/features/federate/settings/spec-former.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {gatewaysRecordData, remoteRecordData} from '../../../../src/mesh/record.ts'
import {facts, gatewayService, remoteSecret} from '../../../mesh/samples.ts'

const record = (data: Record<string, string>) => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data})
const exposing = (...hosts: string[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: {name: 'cross-network-gateway', namespace: 'istio-system', uid: '1'},
  spec: {servers: [{hosts}]},
})
const claims = Buffer.from(JSON.stringify({iat: 1000, exp: 1000 + 48 * 3600})).toString('base64url')
const remote = remoteSecret('istio-remote-secret-west', {
  west: remoteKubeconfig({
    target: 'west',
    server: 'https://west',
    certificateAuthority: undefined,
    tlsServerName: undefined,
    token: `x.${claims}.x`,
  }),
})
const nodePort = gatewayService('net-east', {spec: {type: 'NodePort'}})
const loadBalancer = gatewayService('net-east', {spec: {type: 'LoadBalancer'}})

test.each<[string, Partial<FederationFacts>, object]>([
  ['defaults', {record: record({cluster: 'east', network: 'n'}), created: [loadBalancer]}, {}],
  ['exposed hosts', {exposure: exposing('trade/*'), created: [exposing('trade/*')]}, {expose: ['trade/*']}],
  ['all hosts', {exposure: exposing('*.local'), created: [exposing('*.local')]}, {}],
  ['a Gateway of another owner', {exposure: exposing('trade/*')}, {}],
  ['the type of our gateway', {created: [nodePort]}, {gatewayServiceType: 'NodePort'}],
  ['tokens that expire', {remoteSecrets: [remote], created: [remote]}, {credentialDuration: '48h'}],
  ['a credential of another owner', {remoteSecrets: [remote]}, {}],
  ['bundled credentials', {created: [remoteSecret('istio-remote-secrets', {})]}, {credentials: 'bundled'}],
  ['a single network', {record: record({cluster: 'east', network: ''})}, {singleNetwork: true}],
  [
    'gateways mode',
    {
      record: record(
        gatewaysRecordData({addresses: [], dns: 'kube-dns', dnsForward: ['1.1.1.1'], ownsDnsCapture: false}),
      ),
    },
    {mode: 'gateways', dns: 'kube-dns', dnsForward: ['1.1.1.1']},
  ],
  [
    'a remote',
    {
      record: record(
        remoteRecordData({primary: 'east', ownsAnnotation: true, pilotAddress: 'a.example', singleNetwork: false}),
      ),
    },
    {mode: 'primary-remote', primary: 'east', remotePilotAddress: 'a.example'},
  ],
])('%s', (_, more, expected) => expect(formerSettings(facts('east', more))).toEqual(expected))
