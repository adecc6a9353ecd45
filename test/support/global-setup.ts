import type {TestProject} from 'vitest/node'
import {findCoredns, findMachineTools, findRenderTools, findServers, type RenderTools} from './binaries.ts'
import {type RunningServers, startServers} from './servers/servers.ts'

/** API servers with the contexts `east` and `west`, and Istio's CRDs. */
export interface SharedServers {
  kubeconfig: string
  contexts: string[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** For each worker, the API servers of its test files; see `sharedServers`. Empty if they are not available. */
    servers: SharedServers[]
    /** The tools that render control planes. Undefined if they are not available: skip the tests. Never with `CI=true`. */
    renderTools: RenderTools | undefined
    /** Path of CoreDNS. Undefined if it is not available: skip the tests. Never with `CI=true`. */
    coredns: string | undefined
    /** What is available for tests of the files of a VM. */
    machineTools: {validate: boolean; boot: boolean}
  }
}

/**
 * Vitest's `globalSetup` of the project `integration`: builds what is missing, starts two API servers for each worker, and
 * stops them after the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('renderTools', await findRenderTools())
  project.provide('coredns', await findCoredns())
  project.provide('machineTools', await findMachineTools())
  const servers = await findServers()
  const workers = Number(project.config.maxWorkers) || 1
  const running: RunningServers[] = servers
    ? await Promise.all(Array.from({length: workers}, () => startServers(['east', 'west'], {servers})))
    : []
  project.provide(
    'servers',
    running.map(({kubeconfig, contexts}) => ({kubeconfig, contexts})),
  )
  return async () => {
    await Promise.all(running.map(({stop}) => stop()))
  }
}
