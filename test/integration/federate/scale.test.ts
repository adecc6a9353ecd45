import {mkdtemp, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {startFakeFleet} from '../../support/fake/fleet.ts'
import {rootCert} from '../../support/ground/certificates.ts'
import {runMesh} from '../../support/ground/program.ts'

/** Writes the CPU time of the program, in microseconds, to the file in CPU_FILE. */
const measureCpu = `
  import {writeFileSync} from 'node:fs'
  process.on('exit', () => writeFileSync(process.env.CPU_FILE, String(process.cpuUsage().user)))`

/**
 * Joins `count` simulated clusters. `cpu` is the CPU time of the program in microseconds: elapsed time would
 * measure the simulated servers too, which share the machine with it.
 */
async function joinFleet(count: number): Promise<{cpu: number; maxOpen: number; requests: number}> {
  const clusters = Array.from({length: count}, (_, at) => `c${at}`)
  const fleet = await startFakeFleet(clusters, await rootCert())
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-fleet-'))
  const [kubeconfig, cpuFile] = [join(folder, 'kubeconfig'), join(folder, 'cpu')]
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
  const args = ['--contexts', clusters.join(','), ...servers, '--credentials', 'bundled', '--no-wait', '--yes']
  const env = {
    KUBECONFIG: kubeconfig,
    CPU_FILE: cpuFile,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(measureCpu)}`,
  }
  const {code, stdout, stderr} = await runMesh(['federate', ...args], {env})
  await fleet.close()
  expect(code, stderr).toBe(0)
  expect(stdout.match(/ joined, not checked$/gm), stderr).toHaveLength(count)
  return {cpu: Number(await readFile(cpuFile, 'utf8')), maxOpen: fleet.maxOpen, requests: fleet.requests}
}

describe('a large fleet', () => {
  it('CPU time and requests grow linearly with the number of clusters, with few concurrent requests per cluster', async () => {
    await joinFleet(3)
    const small = await joinFleet(25)
    const large = await joinFleet(100)
    expect(large.requests / small.requests).toBeLessThan(4.1)
    // Linear growth gives 4, quadratic growth 16.
    expect(large.cpu / small.cpu).toBeLessThan(6)
    expect(large.maxOpen).toBeLessThanOrEqual(16)
  })
})
