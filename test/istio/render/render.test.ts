import {describe, expect, test} from 'vitest'
import type {ControlPlaneInput} from '../../../src/istio/render/input.ts'
import {readManifest} from '../../../src/istio/render/manifest.ts'
import {istioOperator} from '../../../src/istio/render/operator.ts'
import {parseRequestedValues} from '../../../src/istio/render/requested.ts'
import {sailResources} from '../../../src/istio/render/sail.ts'
import {contradictions, helmValues} from '../../../src/istio/render/values.ts'
import {dumpYaml} from '../../../src/text/yaml.ts'
import {expectGolden} from '../../support/golden.ts'

const tenant: ControlPlaneInput = {
  namespace: 'usergroup-1',
  revision: 'usergroup-1',
  profile: 'minimal',
  discoverySelectors: [{matchLabels: {usergroup: 'usergroup-1'}}],
  isDefault: false,
  requested: {values: {}, operator: {}},
}
const member: ControlPlaneInput = {
  namespace: 'istio-system',
  meshId: 'mesh1',
  clusterName: 'east',
  network: 'net-east',
  trustDomain: 'east.example',
  isDefault: true,
  profile: 'ambient',
  requested: parseRequestedValues(
    [
      {
        name: 'iop.yaml',
        content: {
          kind: 'IstioOperator',
          spec: {tag: '1.31.0', components: {cni: {enabled: true}}, values: {pilot: {env: {A: 'b'}}}},
        },
      },
      {name: 'values.yaml', content: {pilot: {env: {C: 'd'}}, meshConfig: {accessLogFile: '/dev/stdout'}}},
    ],
    ['meshConfig.enableTracing=true', 'values.pilot.env.A=z', 'components.pilot.k8s.replicaCount=2'],
  ),
}

describe.each([
  ['tenant', tenant],
  ['member', member],
] as const)('goldens: %s', (name, input) => {
  test('IstioOperator', () => expectGolden(`render/${name}-operator.yaml`, dumpYaml(istioOperator(input))))
  test('Helm values', () => expectGolden(`render/${name}-values.yaml`, dumpYaml(helmValues(input))))
  test('Sail resources', () =>
    expectGolden(
      `render/${name}-sail.yaml`,
      sailResources(input)
        .map(object => `---\n${dumpYaml(object)}`)
        .join(''),
    ))
})

test('what the user says against namespace or revision is told', () => {
  const requested = parseRequestedValues([], ['revision=other', 'values.global.istioNamespace=elsewhere'])
  expect(contradictions({...tenant, requested})).toEqual([
    {path: 'revision', said: 'other', must: 'usergroup-1'},
    {path: 'global.istioNamespace', said: 'elsewhere', must: 'usergroup-1'},
  ])
  expect(contradictions({...tenant, requested: parseRequestedValues([], ['revision=usergroup-1'])})).toEqual([])
})

test('so is what they say against the names in the mesh, as far as these are given', () => {
  const requested = parseRequestedValues(
    [],
    ['global.meshID=m', 'values.global.multiCluster.clusterName=c', 'global.network=n', 'meshConfig.trustDomain=t'],
  )
  expect(contradictions({...member, requested}).map(({path, must}) => [path, must])).toEqual([
    ['global.meshID', 'mesh1'],
    ['global.multiCluster.clusterName', 'east'],
    ['global.network', 'net-east'],
    ['meshConfig.trustDomain', 'east.example'],
  ])
  expect(contradictions({...tenant, requested})).toEqual([])
})

test('one without a revision validates what carries none; one with a revision only as the default', () => {
  const bare = {...tenant, revision: undefined}
  expect([bare, tenant, {...tenant, isDefault: true}].map(input => helmValues(input).defaultRevision)).toEqual([
    'default',
    '',
    'usergroup-1',
  ])
})

test.each([
  [[{name: 'f', content: ['a']}], [], '--values f: is no map of values'],
  [[], ['nothing'], '--set nothing is not PATH=VALUE'],
  [[], ['values=1'], '--set values=1 says nothing: values is a map'],
])('%j %j: %s', (files, sets, message) => expect(() => parseRequestedValues(files, sets)).toThrow(message))

describe('what a tool printed', () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  labels:
    app.kubernetes.io/version: "1.31.0"
  name: gateways.networking.istio.io
spec: {group: networking.istio.io}
`

  test('definitions apart, comments and empty documents left out', () => {
    const text = `# Source: a\n---\n${definition}---\n\n--- # note\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    not the end\n     --- of it\n`
    const {objects, definitions} = readManifest(text)
    expect(objects).toEqual([
      {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a'}, data: {text: 'not the end\n --- of it\n'}},
    ])
    expect(definitions.map(({name, version}) => [name, version])).toEqual([['gateways.networking.istio.io', '1.31.0']])
    expect(definitions[0]!.read()).toMatchObject({
      kind: 'CustomResourceDefinition',
      spec: {group: 'networking.istio.io'},
    })
  })

  test.each(['just words', 'a: 1'])('%s is no object', text => {
    expect(() => readManifest(text)).toThrow('no Kubernetes object')
  })
})
