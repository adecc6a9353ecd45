import {expect, test} from 'vitest'
import {cniValues, ztunnelNames, ztunnelValues} from '../../../src/istio/render/ambient.ts'
import {istioOperator} from '../../../src/istio/render/operator.ts'
import {parseRequestedValues} from '../../../src/istio/render/requested.ts'
import {sailResources} from '../../../src/istio/render/sail.ts'
import {helmValues} from '../../../src/istio/render/values.ts'
import {member} from './samples.ts'

const input = {...member, ambient: true as const, isDefault: false}
const names = {network: 'net-east', multiCluster: {clusterName: 'east'}}

test('istiod serves pods in ambient mode in several networks, unless the user sets other values', () => {
  expect(helmValues(input)).toMatchObject({
    pilot: {env: {A: 'z', PILOT_ENABLE_AMBIENT: 'true', AMBIENT_ENABLE_MULTI_NETWORK: 'true'}},
  })
  const requested = parseRequestedValues([], ['pilot.env.PILOT_ENABLE_AMBIENT="false"'])
  expect(helmValues({...input, requested})).toMatchObject({pilot: {env: {PILOT_ENABLE_AMBIENT: 'false'}}})
  expect(JSON.stringify(helmValues(member))).not.toContain('AMBIENT')
})

test('ztunnel has the network and the cluster; requested values have precedence', () => {
  expect(ztunnelNames(input)).toEqual(names)
  const requested = parseRequestedValues([], ['values.ztunnel.network=x', 'values.ztunnel.logLevel=debug'])
  expect(ztunnelNames({...input, requested})).toEqual({...names, network: 'x', logLevel: 'debug'})
  expect(istioOperator(input)).toMatchObject({spec: {profile: 'ambient', values: {ztunnel: names}}})
  expect(istioOperator(member)).not.toHaveProperty('spec.values.ztunnel')
})

test('the charts of Helm have the revision, the namespace and the images of istiod', () => {
  const requested = parseRequestedValues([], ['hub=registry.example/istio', 'tag=1.31.1', 'values.cni.logLevel=debug'])
  const all = {...input, revision: 'r1', requested}
  const image = {hub: 'registry.example/istio', tag: '1.31.1'}
  expect(ztunnelValues(all)).toEqual({revision: 'r1', istioNamespace: 'istio-system', ...image, ...names})
  expect(cniValues(all)).toEqual({profile: 'ambient', revision: 'r1', global: image, cni: {logLevel: 'debug'}})
})

test('the Sail operator gets an IstioCNI and a ZTunnel, whose values are not those of the Istio', () => {
  const requested = parseRequestedValues([], ['values.cni.logLevel=debug', 'values.ztunnel.logLevel=info'])
  const [istio, cni, ztunnel, ...others] = sailResources({...input, requested})
  expect(istio).toMatchObject({kind: 'Istio', spec: {profile: 'ambient'}})
  expect(istio).not.toHaveProperty('spec.values.cni')
  expect(istio).not.toHaveProperty('spec.values.ztunnel')
  expect(cni).toEqual({
    ...{apiVersion: 'sailoperator.io/v1', kind: 'IstioCNI', metadata: {name: 'default'}},
    spec: {namespace: 'istio-system', profile: 'ambient', values: {cni: {logLevel: 'debug'}}},
  })
  expect(ztunnel).toEqual({
    ...{apiVersion: 'sailoperator.io/v1', kind: 'ZTunnel', metadata: {name: 'default'}},
    spec: {namespace: 'istio-system', values: {ztunnel: {...names, logLevel: 'info'}}},
  })
  expect(others).toEqual([])
  expect(sailResources(member).map(({kind}) => kind)).toEqual(['Istio', 'IstioRevisionTag'])
})
