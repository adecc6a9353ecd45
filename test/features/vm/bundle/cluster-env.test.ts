import {execFileSync} from 'node:child_process'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {clusterEnv} from '../../../../src/features/vm/bundle/cluster-env.ts'
import {sourceOf} from './support.ts'

/** The environment that a shell reads from it. */
function sourced(env: string): Record<string, string> {
  const out = execFileSync('env', ['-i', 'sh', '-c', `set -a\n${env}\nexec env -0`]).toString()
  return Object.fromEntries(
    out
      .split('\0')
      .filter(Boolean)
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

const {systemNamespace: _, ...controlPlane} = sourceOf().controlPlane

test.each([
  ['no revision, the default namespace', {systemNamespace: 'istio-system', revision: undefined}, undefined],
  ['the revision default', {systemNamespace: 'istio-system', revision: 'default'}, undefined],
  ['a revision', {systemNamespace: 'istio-system', revision: 'r1'}, 'istiod-r1.istio-system.svc:15012'],
  ['another namespace', {systemNamespace: 'mesh', revision: undefined}, 'istiod.mesh.svc:15012'],
])('CA_ADDR with %s', (_, where, address) => {
  expect(sourced(clusterEnv(sourceOf({controlPlane: {...controlPlane, ...where}}))).CA_ADDR).toBe(address)
})

test.each([
  [0, '22,15090,15021,15020'],
  [15020, '22,15090,15021,15020'],
  [15021, '22,15090,15021'],
  [15099, '22,15090,15021,15099'],
])('status port %d is not redirected to the proxy', (statusPort, ports) => {
  const defaultConfig = statusPort === 0 ? {} : {statusPort}
  const env = sourced(clusterEnv(sourceOf({controlPlane: {...sourceOf().controlPlane, defaultConfig}})))
  expect(env.ISTIO_LOCAL_EXCLUDE_PORTS).toBe(ports)
})

test('the ports that the VM serves are redirected to the proxy, or all ports', () => {
  expect(sourced(clusterEnv(sourceOf())).ISTIO_INBOUND_PORTS).toBe('8080')
  expect(sourced(clusterEnv(sourceOf({ports: []}))).ISTIO_INBOUND_PORTS).toBe('*')
})

test('a shell reads every value unchanged', () => {
  const text = fc.string({unit: 'grapheme-ascii'}).map(text => text.replaceAll('\0', ''))
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^ISTIO_META_[A-Z]{1,8}$/), text, {maxKeys: 4}), metadata => {
      const source = sourceOf({controlPlane: {...sourceOf().controlPlane, defaultConfig: {proxyMetadata: metadata}}})
      expect(sourced(clusterEnv(source))).toMatchObject(
        Object.fromEntries(Object.entries(metadata).filter(([key]) => !(key in sourced(clusterEnv(sourceOf()))))),
      )
    }),
    {numRuns: 30},
  )
})
