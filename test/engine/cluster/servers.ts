import net from 'node:net'
import {onTestFinished} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {type ConnectOptions, connectCluster} from '../../../src/engine/cluster/connect.ts'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {listen as listenOnLoopback} from '../../support/listen.ts'
import {type Decide, type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'

/** Starts a TCP or HTTP server on loopback and returns its port. It is closed after the test. */
export async function listen(server: net.Server): Promise<number> {
  const port = await listenOnLoopback(server)
  const sockets = new Set<net.Socket>()
  server.on('connection', socket => sockets.add(socket.on('error', () => {})))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>(resolve => server.close(() => resolve()))
  })
  return port
}

/** Returns a port on loopback on which no server listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer()
  const port = await listen(server)
  server.close()
  return port
}

/** A successful response of a fault proxy: the object of `ref`. */
export const ok = {status: 200, body: {kind: 'ConfigMap', metadata: {name: 'b'}}}

/** A reference to an object that the fault proxy serves. */
export const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'b'}

/** Starts a fault proxy and a cluster that is connected to it. */
export async function start(decide: Decide, options: Partial<ConnectOptions> = {}): Promise<[FaultProxy, Cluster]> {
  const proxy = await startFaultProxy({decide})
  onTestFinished(() => proxy.close())
  return [proxy, await connect(loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}}), options)]
}

/** Returns the cluster of the current context. It is closed after the test. */
export async function connect(kubeconfig: Kubeconfig, options: Partial<ConnectOptions> = {}): Promise<Cluster> {
  const cluster = await connectCluster(kubeconfig, '', {fieldManager: 'test', ...options})
  onTestFinished(() => cluster.close())
  return cluster
}

/** Returns a kubeconfig with one context for a server. */
export function configFor(server: string, cluster: object = {}): Kubeconfig {
  const value = {
    server,
    tlsServerName: '',
    insecureSkipTlsVerify: false,
    certificateAuthority: '',
    certificateAuthorityData: undefined,
    proxyUrl: '',
    execConfig: undefined,
    ...cluster,
  }
  return {
    files: ['test'],
    currentContext: 'test',
    contexts: new Map([['test', {file: 'test', value: {cluster: 'test', user: '', namespace: ''}}]]),
    clusters: new Map([['test', {file: 'test', value}]]),
    users: new Map(),
    hidden: [],
  }
}
