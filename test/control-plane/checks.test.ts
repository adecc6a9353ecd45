import {expect, test} from 'vitest'
import {controlPlaneExists, meshConfigReadable} from '../../src/control-plane/checks.ts'
import type {ControlPlaneFacts} from '../../src/control-plane/read.ts'
import type {ControlPlane} from '../../src/istio/control-plane.ts'

const facts = (more: Partial<ControlPlaneFacts> = {}): ControlPlaneFacts => ({
  controlPlane: undefined,
  revisions: [],
  meshMap: undefined,
  meshText: '',
  shared: undefined,
  isTenant: false,
  env: {},
  ...more,
})
const spec = {systemNamespace: 'istio-system', revision: undefined}
const istiod = (ready: number) => ({replicas: 2, ready}) as ControlPlane

test.each<[string, Partial<ControlPlaneFacts>, string | undefined, object[]]>([
  ['a ready istiod', {controlPlane: istiod(1)}, undefined, []],
  [
    'an istiod without a ready replica',
    {controlPlane: istiod(0)},
    undefined,
    [
      {
        level: 'warning',
        message: 'istiod is not ready (0 of 2 replicas)',
        hints: ['kubectl -n istio-system get pods -l app=istiod'],
      },
    ],
  ],
  [
    'no istiod',
    {},
    undefined,
    [
      {
        message: 'no istiod without a revision in namespace istio-system',
        hints: ['if istiod runs in another namespace: --system-namespace NS'],
      },
    ],
  ],
  [
    'an istiod of another revision',
    {revisions: ['default', 'blue']},
    'green',
    [
      {
        message: 'no istiod of revision green in namespace istio-system',
        hints: ['revisions in this namespace: default, blue (--revision REV)'],
      },
    ],
  ],
])('control-plane: %s', (_, more, revision, expected) =>
  expect(controlPlaneExists.run({spec: {...spec, revision}, controlPlane: facts(more)})).toEqual(expected),
)

const meshMap = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'istio'}}

test.each<[string, Partial<ControlPlaneFacts>, RegExp[]]>([
  ['no ConfigMap', {meshText: '['}, []],
  ['a map', {meshMap, meshText: 'trustDomain: a'}, []],
  ['an empty text', {meshMap, meshText: ''}, []],
  ['null', {meshMap, meshText: 'null'}, []],
  ['invalid YAML', {meshMap, meshText: 'a: ['}, [/^ConfigMap istio: key mesh is not a valid mesh config: \S/]],
  ['a list', {meshMap, meshText: '- a'}, [/: it is not a map$/]],
  ['a text', {meshMap, meshText: 'text'}, [/: it is not a map$/]],
  ['a missing shared mesh config', {meshMap, shared: {name: 'shared', text: undefined}}, []],
  [
    'both invalid',
    {meshMap, meshText: '5', shared: {name: 'shared', text: '5'}},
    [/ConfigMap istio:/, /ConfigMap shared:/],
  ],
])('mesh-config: %s', (_, more, expected) =>
  expect(meshConfigReadable.run({spec, controlPlane: facts(more)}).map(({message}) => message)).toEqual(
    expected.map(message => expect.stringMatching(message)),
  ),
)
