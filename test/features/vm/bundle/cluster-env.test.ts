import {execFileSync} from 'node:child_process'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {clusterEnv} from '../../../../src/features/vm/bundle/cluster-env.ts'
import {sourceOf} from './support.ts'

/** What a shell makes of it. */
function sourced(env: string): Record<string, string> {
  const out = execFileSync('env', ['-i', 'sh', '-c', `set -a\n${env}\nexec env -0`]).toString()
  return Object.fromEntries(
    out
      .split('\0')
      .filter(Boolean)
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

const {systemNamespace: _, ...plane} = sourceOf().plane

test.each([
  ['no revision, the usual namespace', {systemNamespace: 'istio-system', revision: undefined}, undefined],
  ['the revision default', {systemNamespace: 'istio-system', revision: 'default'}, undefined],
  ['a revision', {systemNamespace: 'istio-system', revision: 'r1'}, 'istiod-r1.istio-system.svc:15012'],
  ['another namespace', {systemNamespace: 'mesh', revision: undefined}, 'istiod.mesh.svc:15012'],
])('%s: where the CA is', (_, where, address) => {
  expect(sourced(clusterEnv(sourceOf({plane: {...plane, ...where}}))).CA_ADDR).toBe(address)
})

test.each([
  [0, '22,15090,15021,15020'],
  [15020, '22,15090,15021,15020'],
  [15021, '22,15090,15021'],
  [15099, '22,15090,15021,15099'],
])('status port %d is not taken by the proxy', (statusPort, ports) => {
  const defaultConfig = statusPort === 0 ? {} : {statusPort}
  const env = sourced(clusterEnv(sourceOf({plane: {...sourceOf().plane, defaultConfig}})))
  expect(env.ISTIO_LOCAL_EXCLUDE_PORTS).toBe(ports)
})

test('the proxy takes the ports that the VM serves, or all', () => {
  expect(sourced(clusterEnv(sourceOf())).ISTIO_INBOUND_PORTS).toBe('8080')
  expect(sourced(clusterEnv(sourceOf({ports: []}))).ISTIO_INBOUND_PORTS).toBe('*')
})

test('a shell reads every value as it was meant', () => {
  const text = fc.string({unit: 'grapheme-ascii'}).map(text => text.replaceAll('\0', ''))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^ISTIO_META_[A-Z]{1,8}$/), text, {maxKeys: 4}), metadata => {
      const source = sourceOf({plane: {...sourceOf().plane, defaultConfig: {proxyMetadata: metadata}}})
      expect(sourced(clusterEnv(source))).toMatchObject(
        Object.fromEntries(Object.entries(metadata).filter(([key]) => !(key in sourced(clusterEnv(sourceOf()))))),
      )
    }),
    {numRuns: 30},
  )
})
