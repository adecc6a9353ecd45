import type http from 'node:http'
import {PassThrough} from 'node:stream'
import type {KubeConfig} from '@kubernetes/client-node'
import type {Credential} from '../../kubeconfig/credentials.ts'

/** How client-node's streams reach and authenticate to an API server: with the same values as all other requests. */
export interface StreamAccess {
  context: string
  server: URL
  /** Sent with every request: `Impersonate-User`, … */
  headers: Record<string, string | string[]>
  credential: () => Promise<Credential>
  /** The agent for a credential. It holds the TLS options and the proxy. */
  agentFor: (credential: Credential) => http.Agent
}

/** Sends and receives the messages of a stream, as client-node's `WebSocketInterface`. */
type StreamHandler = import('@kubernetes/client-node').Exec['handler']

/** A config and a handler for client-node's streams. */
export interface StreamClient {
  config: KubeConfig
  handler: StreamHandler
}

/** Longer than a slow API server or proxy needs to open a stream. */
const handshakeTimeoutMs = 30_000

/** Largest message of a stream. API servers send at most 32 KiB at once. */
const maxMessageBytes = 4 * 1024 * 1024

/**
 * Returns what client-node's streams need, with the current credential. It loads client-node.
 *
 * client-node would drop the proxy of the environment, and the groups, UID and extra values to impersonate: a request
 * could then be sent with more permissions than the user asked for. So the agent and all headers are ours.
 *
 * @param fail called for a message that client-node cannot process. Without it, its error would end the process.
 */
export async function openStreams(access: StreamAccess, fail: (error: Error) => void): Promise<StreamClient> {
  const {Exec, KubeConfig} = await import('@kubernetes/client-node')
  const credential = await access.credential()
  const {authorization} = credential
  const options = {
    agent: access.agentFor(credential),
    headers: {...access.headers, 'user-agent': 'kubectl-mesh', ...(authorization ? {authorization} : {})},
    // Over plain HTTP, the connection through a proxy is not a socket and has no time limit.
    ...(access.server.protocol === 'https:' ? {handshakeTimeout: handshakeTimeoutMs} : {}),
    maxPayload: maxMessageBytes,
  }
  const config = new (class extends KubeConfig {
    override async applyToHTTPSOptions(target: object): Promise<void> {
      Object.assign(target, options)
    }
  })()
  config.loadFromOptions({
    clusters: [{name: 'cluster', server: access.server.origin + access.server.pathname.replace(/\/+$/, '')}],
    users: [{name: 'user'}],
    contexts: [{name: 'context', cluster: 'cluster', user: 'user'}],
    currentContext: 'context',
  })
  const {handler} = new Exec(config)
  // On a message to close a stream, client-node would end the stdout of this process.
  Object.assign(handler, {streams: {stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough()}})
  return {config, handler: guarded(handler, fail)}
}

function guarded(handler: StreamHandler, fail: (error: Error) => void): StreamHandler {
  return {
    connect: (path, onText, onBinary) =>
      handler.connect(path, onText, (stream, data) => {
        try {
          return onBinary?.(stream, data) ?? true
        } catch {
          fail(new Error('the API server sent a message that is not valid in this stream'))
          return false
        }
      }),
  }
}
