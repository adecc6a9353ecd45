import {fork} from 'node:child_process'
import {mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Servers} from '../binaries.ts'
import {findServers} from '../binaries.ts'
import type {ServersAnswer, ServersOrder} from './servers-process.ts'

/** API servers that run until `stop()` or the end of the process that started them. */
export interface RunningServers {
  /** File (0600) with one context a server; each context, cluster and user is called as the server. */
  kubeconfig: string
  contexts: string[]
  /** For commands that are to use them: `KUBECONFIG`. */
  env: {KUBECONFIG: string}
  stop(): Promise<void>
}

export interface ServersOptions {
  /** Install Istio's CustomResourceDefinitions; true without it. */
  crds?: boolean
  /** What `findServers()` gave; looked for without it. */
  servers?: Servers
}

/**
 * Starts an etcd and a kube-apiserver for each name, side by side, on free ports of loopback: RBAC, client certificate of
 * `system:masters`, TokenRequest, and token Secrets filled as a real cluster does. There is no controller-manager: nothing
 * collects garbage, a deleted namespace stays `Terminating`, no pod runs.
 *
 * They belong to a process of their own that ends them when this process goes, however it goes (a closed IPC channel tells).
 * Throws when none can be found (see `findServers`) or one does not start.
 */
export async function startServers(names: readonly string[], options: ServersOptions = {}): Promise<RunningServers> {
  const servers = options.servers ?? (await findServers())
  if (!servers) throw new Error('no API servers to be had; ask findServers() first and skip')
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-servers-'))
  const child = fork(join(import.meta.dirname, 'servers-process.ts'), [], {
    execArgv: [],
    // away from the terminal's Ctrl-C: it stops when we are gone
    detached: true,
    env: {...process.env, KUBEBUILDER_ASSETS: servers.dir},
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const stop = async () => {
    child.ref()
    if (child.connected) child.disconnect()
    await ended
  }
  const order: ServersOrder = {names: [...names], folder, crds: options.crds === false ? undefined : servers.crds}
  child.send(order)
  const answer = await Promise.race([
    new Promise<ServersAnswer>(resolve => child.once('message', message => resolve(message as ServersAnswer))),
    ended.then((): ServersAnswer => ({error: 'the process of the API servers ended before they were ready'})),
  ])
  if ('error' in answer) {
    await stop()
    throw new Error(answer.error)
  }
  child.unref()
  child.channel?.unref()
  return {kubeconfig: answer.kubeconfig, contexts: [...names], env: {KUBECONFIG: answer.kubeconfig}, stop}
}
