import http from 'node:http'
import https from 'node:https'
import type {Duplex} from 'node:stream'
import type {Credential} from '../kubeconfig/credentials.ts'
import {openTunnel} from './proxy/tunnel.ts'

/** Maximum number of requests in flight, and so of connections. */
export const maxInFlight = 16

/** How a pool connects to its server. */
export interface PoolOptions {
  server: URL
  tls: {ca?: Buffer; servername?: string; rejectUnauthorized: boolean}
  proxy: URL | undefined
}

/** The keep-alive connections to one server. */
export class ConnectionPool {
  readonly #options: PoolOptions
  readonly #agents: http.Agent[] = []
  #current: {agent: http.Agent; cert: Credential['cert']; key: Credential['key']} | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Returns the agent for a credential. A changed client certificate needs new connections and so a new agent. */
  agentFor({cert, key}: Credential): http.Agent {
    if (!this.#current || this.#current.cert !== cert || this.#current.key !== key) {
      const agent = createAgent(this.#options, cert, key)
      this.#current = {agent, cert, key}
      this.#agents.push(agent)
    }
    return this.#current.agent
  }

  /** Closes all connections. */
  close(): void {
    for (const agent of this.#agents) agent.destroy()
  }
}

function createAgent(options: PoolOptions, cert: Credential['cert'], key: Credential['key']): http.Agent {
  const {server, proxy, tls} = options
  const common = {keepAlive: true, maxSockets: maxInFlight}
  if (server.protocol === 'http:') return proxy ? new ProxiedHttpAgent(proxy, common) : new http.Agent(common)
  const secure = {...common, ...tls, cert, key}
  return proxy ? new ProxiedHttpsAgent(proxy, secure) : new https.Agent(secure)
}

class ProxiedHttpAgent extends http.Agent {
  readonly #proxy: URL

  constructor(proxy: URL, options: http.AgentOptions) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection({host, port}: http.ClientRequestArgs): Duplex {
    return openTunnel(this.#proxy, String(host), Number(port ?? 80))
  }
}

class ProxiedHttpsAgent extends https.Agent {
  readonly #proxy: URL

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = openTunnel(this.#proxy, String(options.host), Number(options.port ?? 443))
    return super.createConnection({...options, socket} as https.RequestOptions, callback)
  }
}
