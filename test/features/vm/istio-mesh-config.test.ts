import {expect, test} from 'vitest'
import {readMeshConfig} from '../../../src/features/vm/istio-mesh-config.ts'

const metadata = (proxyMetadata: unknown) => ({defaultConfig: {meshId: 'mesh1', proxyMetadata}})

test.each<[object, string[]]>([
  [{}, []],
  [{defaultConfig: null, discoverySelectors: null}, []],
  [metadata({X: 'text'}), []],
  [metadata({X: ['$(id)']}), ['defaultConfig.proxyMetadata.X is a list; expected text']],
  [
    metadata({X: null, Y: {a: 'b'}}),
    ['defaultConfig.proxyMetadata.X is null; expected text', 'defaultConfig.proxyMetadata.Y is a map; expected text'],
  ],
  [
    metadata({'A=1;id': 'x'}),
    ['defaultConfig.proxyMetadata: "A=1;id" is not a name of an environment variable (letters, digits and _)'],
  ],
  [metadata('x'), ['defaultConfig.proxyMetadata is text; expected a map']],
  [{defaultConfig: ['a', 'b']}, ['defaultConfig is a list; expected a map']],
  [
    {defaultConfig: 'text', discoverySelectors: 'x'},
    ['defaultConfig is text; expected a map', 'discoverySelectors is not a list of label selectors'],
  ],
  [
    {defaultConfig: {statusPort: 'x', meshId: []}},
    ['defaultConfig.meshId is a list; expected text', 'defaultConfig.statusPort is text; expected a number'],
  ],
  [{trustDomain: ['a']}, ['trustDomain is a list; expected text']],
  [{discoverySelectors: [null]}, ['discoverySelectors is not a list of label selectors']],
  [
    {discoverySelectors: [{matchExpressions: [{key: 'a', values: 'x'}]}]},
    ['discoverySelectors is not a list of label selectors'],
  ],
])('%j: %j', (config, invalid) => {
  expect(readMeshConfig(config as Record<string, unknown>).invalid).toEqual(invalid)
})

test('leaves out values with a wrong type', () => {
  expect(readMeshConfig({defaultConfig: [1], discoverySelectors: 'x'})).toMatchObject({
    defaultConfig: {},
    discoverySelectors: [],
  })
})
