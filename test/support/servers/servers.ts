import {fork} from 'node:child_process'
import {mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Servers} from '../binaries.ts'
import {findServers} from '../binaries.ts'
import type {ServersAnswer, ServersOrder} from './servers-process.ts'

/** API servers that run until `stop()` or the end of the process that started them. */
export interface RunningServers {
  /** Path of the kubeconfig (mode 0600). The context, cluster and user of each server have its name. */
  kubeconfig: string
  contexts: string[]
  /** The environment of commands that connect to the servers. */
  env: {KUBECONFIG: string}
  stop(): Promise<void>
}

/** Options of `startServers`. */
export interface ServersOptions {
  /** Install Istio's CustomResourceDefinitions (default true). */
  crds?: boolean
  /** The result of `findServers` (default: it is called). */
  servers?: Servers
}

/**
 * Starts an etcd and a kube-apiserver for each name on free ports of loopback, with RBAC, a client certificate of
 * `system:masters`, TokenRequest, and a controller for token Secrets. There is no controller-manager: garbage is not
 * collected, a deleted namespace stays `Terminating`, and pods do not run.
 *
 * A child process owns the servers. It stops them when this process ends for any reason, because that closes the IPC
 * channel.
 *
 * @throws Error if the binaries are not available (see `findServers`) or a server does not start
 */
export async function startServers(names: readonly string[], options: ServersOptions = {}): Promise<RunningServers> {
  const servers = options.servers ?? (await findServers())
  if (!servers) throw new Error('API servers are not available; call findServers() first and skip the test')
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-servers-'))
  const child = fork(join(import.meta.dirname, 'servers-process.ts'), [], {
    execArgv: [],
    // Does not receive Ctrl-C from the terminal. It stops when this process has ended.
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
