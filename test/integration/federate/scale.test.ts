import {writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {startFakeFleet} from '../../support/fake/fleet.ts'
import {rootCert} from '../../support/ground/certificates.ts'
import {runMesh} from '../../support/ground/program.ts'

/** Joins `count` simulated clusters. `took` is in milliseconds. */
async function joinFleet(count: number): Promise<{took: number; maxOpen: number; requests: number}> {
  const clusters = Array.from({length: count}, (_, at) => `c${at}`)
  const fleet = await startFakeFleet(clusters, await rootCert())
  const kubeconfig = join(tmpdir(), `kubectl-mesh-fleet-${process.pid}-${count}`)
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c0',
      clusters: clusters.map(name => ({name, cluster: {server: fleet.urlOf(name)}})),
      users: [{name: 'anonymous', user: {}}],
      contexts: clusters.map(name => ({name, context: {cluster: name, user: 'anonymous'}})),
    }),
  )
  const servers = clusters.flatMap(name => ['--server', `${name}=https://${name}.test`])
  const started = performance.now()
  const args = ['--contexts', clusters.join(','), ...servers, '--credentials', 'bundled', '--no-wait', '--yes']
  const {code, stdout, stderr} = await runMesh(['federate', ...args], {env: {KUBECONFIG: kubeconfig}})
  const took = performance.now() - started
  await fleet.close()
  expect(code, stderr).toBe(0)
  expect(stdout.match(/ joined, not checked$/gm), stderr).toHaveLength(count)
  return {took, maxOpen: fleet.maxOpen, requests: fleet.requests}
}

describe('a large fleet', () => {
  it('time and requests grow linearly with the number of clusters, with few concurrent requests per cluster', async () => {
    await joinFleet(3)
    const small = await joinFleet(25)
    const large = await joinFleet(100)
    expect(large.requests / small.requests).toBeLessThan(4.1)
    // Linear growth gives 4, quadratic growth 16.
    expect(large.took / small.took).toBeLessThan(8)
    expect(large.maxOpen).toBeLessThanOrEqual(16)
  })
})
