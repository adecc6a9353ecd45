import {expect, test} from 'vitest'
import {idLabel} from '../../../../src/engine/kubernetes/applyset-parent.ts'
import {multiClusterLabel, networkLabel} from '../../../../src/engine/kubernetes/labels.ts'
import type {Step} from '../../../../src/engine/plan/plan.ts'
import {renderedClusters} from '../../../../src/features/files/render/objects.ts'
import {configMap, creates, editing, removes, secret, updates} from '../../../terminal/output/steps.ts'
import {documentFor, documentOf, kindOf, planned, planOf} from '../samples.ts'
import {token} from './samples.ts'

const federation = documentFor(kindOf('Federation'), 'prod', ['east', 'west'])
const tenant = documentOf(kindOf('Tenant'), 'shop')
const namespace = {apiVersion: 'v1', kind: 'Namespace', name: 'istio-system'}
const label = (key: string, value: string) =>
  editing({target: namespace, edits: [{at: 'label', key, value}], create: true})

test('objects that a cluster has already are rendered too, so that the result does not depend on the cluster', () => {
  const object = configMap('a', {k: 'v'})
  const [first] = renderedClusters([planned(tenant, [planOf('east', creates(object))])])
  const [second] = renderedClusters([planned(tenant, [planOf('east', updates(object, object, 'unchanged'))])])
  expect(first!.objects).toEqual([
    {wave: 40, object: expect.objectContaining({data: {k: 'v'}}), documents: ['Tenant shop in east']},
  ])
  expect(second!.objects).toEqual(first!.objects)
})

test('no Secret, record or part of a text is rendered; what the cluster lacks is counted', () => {
  const target = {apiVersion: 'v1', kind: 'ConfigMap', name: 'istio', namespace: 'istio-system'}
  const token = secret('token', {token: 'opensesame'})
  const remote = secret('remote', {}, {labels: {[multiClusterLabel]: 'true'}})
  const record = configMap('kubectl-mesh-federation', {members: '[]'}, {labels: {[idLabel]: 'applyset-1'}})
  const [east] = renderedClusters([
    planned(federation, [
      planOf(
        'east',
        updates(token, token, 'unchanged'),
        creates(remote, {pending: 'the credential is created during apply'}),
        creates(record, {wave: 10}),
        editing({target, edits: [{at: 'text', path: ['data', 'mesh'], about: 'add', edit: text => text}]}),
        editing({
          target: {...target, kind: 'Secret'},
          edits: [{at: 'data', key: 'password', value: 'b3BlbnNlc2FtZQ=='}],
        }),
        removes(configMap('old', {})),
      ),
    ]),
  ])
  expect(east!.objects).toEqual([])
  expect(east!.leftOut.map(({ref, reason, isMissing}) => [ref.name, reason, isMissing])).toEqual([
    ['token', 'secret', false],
    ['remote', 'pending', true],
    ['kubectl-mesh-federation', 'record', true],
    ['istio', 'edit', true],
    ['istio', 'secret', true],
    ['old', 'removal', true],
  ])
  expect(JSON.stringify(east)).not.toMatch(/opensesame|b3BlbnNlc2FtZQ/)
})

test('an object of several documents has the fields of all, in its earliest wave', () => {
  const [east] = renderedClusters([
    planned(federation, [planOf('east', label(networkLabel, 'net-1')), planOf('west')]),
    planned(tenant, [planOf('east', label('usergroup', 'a'), label(networkLabel, 'net-1'))]),
  ])
  expect(east!.objects).toEqual([
    {
      wave: 10,
      isShared: true,
      documents: ['Federation prod', 'Tenant shop in east'],
      object: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {name: 'istio-system', labels: {[networkLabel]: 'net-1', usergroup: 'a'}},
      },
    },
  ])
})

test('an object of a set that documents share belongs to their kind', () => {
  const shared = creates(configMap('a', {}))
  const change = {...shared.change, memberOf: {name: 'vms', namespace: 'istio-system', kinds: []}} as Step['change']
  const [east] = renderedClusters([planned(tenant, [planOf('east', {...shared, change})])])
  expect(east!.objects[0]!.documents).toEqual(['Tenant'])
})

test('two documents that set a field to different values are refused, by name and place', () => {
  const both = () =>
    renderedClusters([
      planned(federation, [planOf('east', label(networkLabel, 'net-1')), planOf('west')]),
      planned(tenant, [planOf('east', label(networkLabel, 'net-2'))]),
    ])
  expect(both).toThrow(
    expect.objectContaining({
      exit: 3,
      problems: [
        {
          message: `east: namespace/istio-system: Federation prod (prod.yaml:1) and Tenant shop (shop.yaml:1) set metadata.labels.${networkLabel} to different values`,
          hints: ['an engine can apply only one of them; change one of the documents'],
        },
      ],
    }),
  )
})

test('two clusters with one name are refused: one folder would have the objects of both', () => {
  const nodes = documentOf(kindOf('NodeLocalities'), 'n', 'rack')
  expect(() =>
    renderedClusters([planned(federation, [planOf('east'), planOf('rack')]), planned(nodes, [planOf('rack')])]),
  ).toThrow(
    expect.objectContaining({
      exit: 3,
      problems: [
        expect.objectContaining({message: 'the clusters of the contexts rack and west have the same name rack'}),
      ],
    }),
  )
})

test('a token or key in an object that is no Secret is refused, without its value', () => {
  const values = JSON.stringify({pilot: {env: {TOKEN: token}}})
  const clear = () => renderedClusters([planned(tenant, [planOf('east', creates(configMap('values', {values})))])])
  expect(clear).toThrow(
    expect.objectContaining({
      exit: 3,
      problems: [
        {
          message: 'east: configmap/values in istio-system contains a token, which would be in Git',
          hints: ['put it into a Secret, and refer to that'],
        },
      ],
    }),
  )
})

test('a key of an object does not change the prototype', () => {
  const hostile = {...configMap('a', {}), data: JSON.parse('{"__proto__": {"polluted": "yes"}}')}
  const [east] = renderedClusters([
    planned(federation, [planOf('east', creates(configMap('a', {k: 'v'}))), planOf('west')]),
    planned(tenant, [planOf('east', creates(hostile))]),
  ])
  expect(Object.getPrototypeOf(east!.objects[0]!.object.data)).toBe(Object.prototype)
  expect(({} as {polluted?: string}).polluted).toBeUndefined()
})
