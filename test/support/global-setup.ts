import type {TestProject} from 'vitest/node'
import {findServers} from './binaries.ts'
import {type RunningServers, startServers} from './servers/servers.ts'

/** The API servers that all integration tests of a run share. They have the contexts `east` and `west`, and Istio's CRDs. */
export interface SharedServers {
  kubeconfig: string
  contexts: string[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Undefined if they are not available: skip the tests (`describe.skipIf(!inject('servers'))`). Never with `CI=true`. */
    servers: SharedServers | undefined
  }
}

/** Vitest's `globalSetup` of the project `integration`: starts two API servers, and stops them after the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await findServers()
  const running: RunningServers | undefined = servers && (await startServers(['east', 'west'], {servers}))
  project.provide('servers', running && {kubeconfig: running.kubeconfig, contexts: running.contexts})
  return async () => running?.stop()
}
