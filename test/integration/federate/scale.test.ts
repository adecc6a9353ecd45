import {writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {startFakeFleet} from '../../support/fake/fleet.ts'
import {rootCert} from '../../support/ground/certificates.ts'
import {runMesh} from '../../support/ground/program.ts'

/** Joins so many clusters that do not exist; gives milliseconds. */
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
      users: [{name: 'nobody', user: {}}],
      contexts: clusters.map(name => ({name, context: {cluster: name, user: 'nobody'}})),
    }),
  )
  const servers = clusters.flatMap(name => ['--server', `${name}=https://${name}.test`])
  const started = performance.now()
  const args = ['--contexts', clusters.join(','), ...servers, '--credentials', 'bundled', '--no-wait', '--yes']
  const {code, stdout, stderr} = await runMesh(['federate', ...args], {env: {KUBECONFIG: kubeconfig}})
  const took = performance.now() - started
  await fleet.close()
  expect(code, stderr).toBe(0)
  expect(stdout.match(/ joined$/gm), stderr).toHaveLength(count)
  return {took, maxOpen: fleet.maxOpen, requests: fleet.requests}
}

describe('a large fleet', () => {
  it('takes time and requests by the number of clusters, not by its square, with few in flight in each', async () => {
    await joinFleet(3)
    const small = await joinFleet(25)
    const large = await joinFleet(100)
    expect(large.requests / small.requests).toBeLessThan(4.1)
    // 4 would be in proportion, 16 the square
    expect(large.took / small.took).toBeLessThan(8)
    expect(large.maxOpen).toBeLessThanOrEqual(16)
  })
})
