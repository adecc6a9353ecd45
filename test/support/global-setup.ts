import type {TestProject} from 'vitest/node'
import {findServers} from './binaries.ts'
import {type RunningServers, startServers} from './servers/servers.ts'

/** The API servers that all integration tests of a run share: contexts `east` and `west`, Istio's CRDs in both. */
export interface SharedServers {
  kubeconfig: string
  contexts: string[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Undefined: none can be had, skip (`describe.skipIf(!inject('servers'))`). Cannot happen with `CI=true`. */
    servers: SharedServers | undefined
  }
}

/** Vitest's `globalSetup` of the project `integration`: two API servers for the whole run, ended after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await findServers()
  const running: RunningServers | undefined = servers && (await startServers(['east', 'west'], {servers}))
  project.provide('servers', running && {kubeconfig: running.kubeconfig, contexts: running.contexts})
  return async () => running?.stop()
}
