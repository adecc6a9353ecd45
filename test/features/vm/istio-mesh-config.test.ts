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
  [metadata('x'), ['defaultConfig.proxyMetadata is not a map']],
  [{defaultConfig: ['a', 'b']}, ['defaultConfig is not a map']],
  [
    {defaultConfig: 'text', discoverySelectors: 'x'},
    ['defaultConfig is not a map', 'discoverySelectors is not a list of label selectors'],
  ],
  [
    {defaultConfig: {statusPort: 'x', discoveryAddress: []}},
    ['defaultConfig.discoveryAddress is a list; expected text', 'defaultConfig.statusPort is text; expected a number'],
  ],
  [['a'], ['it is not a map']],
])('%j: %j', (config, invalid) => {
  expect(readMeshConfig(JSON.stringify(config)).invalid).toEqual(invalid)
})

test('leaves out values with a wrong type', () => {
  expect(readMeshConfig(JSON.stringify({defaultConfig: [1], discoverySelectors: 'x'}))).toMatchObject({
    defaultConfig: {},
    discoverySelectors: [],
  })
})

test('text that is not YAML is a problem, and an empty text is not', () => {
  expect(readMeshConfig('a: [').invalid).toHaveLength(1)
  expect(readMeshConfig('').invalid).toEqual([])
})
