import {setMaxListeners} from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type {Duplex} from 'node:stream'
import type {Credential, CredentialSource} from '../kubeconfig/credentials.ts'
import {AttemptError, attempt, type RawAnswer, type TimeLimits} from './attempt.ts'
import {ApiError, UnreachableError} from './errors.ts'
import {createLimit} from './limit.ts'
import {openTunnel} from './proxy.ts'
import {isTransientAnswer, isTransientError, maxTries, pause, pauseAfter} from './retry.ts'

/** A request to an API server. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the server's URL, encoded: `/api/v1/namespaces/x`. */
  path: string
  query?: Record<string, string | undefined>
  /** Sent as JSON. */
  body?: object
  contentType?: string
  /** Sending it twice does the same as sending it once. */
  repeatable: boolean
}

/** An answer of an API server, whatever its status. */
export interface ApiAnswer {
  status: number
  /** The JSON that came; undefined when the body was empty or, from 400 on, not JSON. */
  body: unknown
}

/** One API server behind one pool of connections. */
export interface Transport {
  /**
   * Sends a request, again where that helps: on 429 (any request), on 500, 502, 503, 504 and a broken connection
   * (repeatable ones), once on 401 with a renewed credential.
   *
   * @throws UnreachableError when no answer came, or one that is no API server's
   * @throws ApiError (413) on a body that the server is known to refuse
   */
  send(request: ApiRequest): Promise<ApiAnswer>
  /** Ends all connections. */
  close(): void
}

export interface TransportOptions {
  context: string
  server: URL
  credentials: CredentialSource
  tls: {ca?: Buffer; servername?: string; rejectUnauthorized: boolean}
  proxy: URL | undefined
  /** Sent with every request: `Impersonate-User`, … */
  headers: Record<string, string | string[]>
  /**
   * For each attempt from when it has a connection to its complete answer, in ms; 0 waits for ever. Undefined: no limit
   * for the whole, and 30 s (reads) or 65 s (writes) without a sign from the server.
   */
  requestTimeout: number | undefined
  /** Called with each `Warning:` of the server, once each. */
  onWarning: ((warning: string) => void) | undefined
  /** Called for each attempt with method, URL, status and duration. */
  verbose: ((line: string) => void) | undefined
}

/** Requests in flight, and so connections, at most. */
export const maxInFlight = 16

const connectTimeoutMs = 15_000
const readIdleMs = 30_000
/** Longer than the 60 s that kube-apiserver gives a request (`--request-timeout`), admission webhooks included. */
const writeIdleMs = 65_000

/** kube-apiserver takes 3 MiB (k8s.io/apiserver, server/config.go, MaxRequestBodyBytes) and hangs up on more. */
const maxRequestBytes = 3 * 1024 * 1024

/** Opens no connection yet: the first request does. */
export function createTransport(options: TransportOptions): Transport {
  const {context, server, credentials, verbose} = options
  const limit = createLimit(maxInFlight)
  const ended = new AbortController()
  setMaxListeners(0, ended.signal)
  const warned = new Set<string>()
  const basePath = server.pathname.replace(/\/+$/, '')
  const pool = createPool(options)

  const sendOnce = async (request: ApiRequest, credential: Credential): Promise<RawAnswer> => {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const size = body === undefined ? 0 : Buffer.byteLength(body)
    if (size > maxRequestBytes) {
      throw new ApiError(413, 'RequestEntityTooLarge', `the object is too large: ${size} of ${maxRequestBytes} bytes`)
    }
    const path = basePath + request.path + queryOf(request.query)
    const started = performance.now()
    const told = (result: string) =>
      verbose?.(
        `${request.method} ${server.protocol}//${server.host}${path} ${result} in ${Math.round(performance.now() - started)} ms`,
      )
    try {
      const answer = await attempt(
        {
          protocol: server.protocol,
          hostname: server.hostname.replace(/^\[|\]$/g, ''),
          port: server.port,
          method: request.method,
          path,
          agent: pool.agentFor(credential),
          headers: {
            ...options.headers,
            accept: 'application/json',
            'accept-encoding': 'gzip',
            'user-agent': 'kubectl-mesh',
            ...(credential.authorization ? {authorization: credential.authorization} : {}),
            ...(body === undefined
              ? {}
              : {'content-type': request.contentType ?? 'application/json', 'content-length': size}),
          },
        },
        body,
        limitsOf(options.requestTimeout, request.method),
      )
      told(String(answer.status))
      return answer
    } catch (error) {
      told(reasonOf(error))
      throw error
    }
  }

  const tellWarnings = (answer: RawAnswer) => {
    for (const warning of warningsOf(answer.headers.warning)) {
      if (!warned.has(warning)) options.onWarning?.(warning)
      warned.add(warning)
    }
  }

  const unreachable = (error: unknown): UnreachableError =>
    new UnreachableError(context, `context "${context}": ${server.origin}: ${reasonOf(error)}`, error)

  const send = async (request: ApiRequest): Promise<ApiAnswer> => {
    let renewed = false
    for (let tried = 1; ; tried++) {
      let wait: number | undefined
      try {
        const {answer, credential} = await limit(async () => {
          const credential = await credentials.current()
          ended.signal.throwIfAborted()
          return {credential, answer: await sendOnce(request, credential)}
        })
        if (answer.status === 401 && !renewed && (await credentials.renew(credential))) {
          renewed = true
          continue
        }
        if (tried < maxTries && isTransientAnswer(answer, request.repeatable)) {
          wait = pauseAfter(tried, answer.headers['retry-after'])
        }
        if (wait === undefined) {
          tellWarnings(answer)
          return parse(answer, unreachable)
        }
      } catch (error) {
        if (!isConnectionError(error)) throw error
        if (tried >= maxTries || !request.repeatable || !isTransientError(error)) throw unreachable(error)
        wait = pauseAfter(tried, undefined)!
      }
      await pause(wait, ended.signal)
    }
  }

  return {
    send,
    close: () => {
      ended.abort(new UnreachableError(context, `context "${context}": the connection was closed`))
      pool.close()
    },
  }
}

/** The keep-alive agent of a server; another one when the client certificate has changed. */
function createPool(options: TransportOptions): {agentFor(credential: Credential): http.Agent; close(): void} {
  const {server, proxy, tls} = options
  const all: http.Agent[] = []
  let current: {agent: http.Agent; cert: Credential['cert']; key: Credential['key']} | undefined
  return {
    agentFor: ({cert, key}) => {
      if (!current || current.cert !== cert || current.key !== key) {
        const common = {keepAlive: true, maxSockets: maxInFlight}
        const agent =
          server.protocol === 'http:'
            ? new (proxy ? httpAgentThrough(proxy) : http.Agent)(common)
            : new (proxy ? httpsAgentThrough(proxy) : https.Agent)({...common, ...tls, cert, key})
        current = {agent, cert, key}
        all.push(agent)
      }
      return current.agent
    },
    close: () => {
      for (const agent of all) agent.destroy()
    },
  }
}

function httpAgentThrough(proxy: URL): typeof http.Agent {
  return class extends http.Agent {
    override createConnection(options: http.ClientRequestArgs): Duplex {
      return openTunnel(proxy, String(options.host), Number(options.port ?? 80))
    }
  }
}

function httpsAgentThrough(proxy: URL): typeof https.Agent {
  return class extends https.Agent {
    override createConnection(
      options: https.RequestOptions,
      callback?: (error: Error | null, stream: Duplex) => void,
    ): Duplex | null | undefined {
      const socket = openTunnel(proxy, String(options.host), Number(options.port ?? 443))
      return super.createConnection({...options, socket} as https.RequestOptions, callback)
    }
  }
}

function limitsOf(requestTimeout: number | undefined, method: string): TimeLimits {
  if (requestTimeout !== undefined) return {connect: 0, idle: 0, total: requestTimeout}
  return {connect: connectTimeoutMs, idle: method === 'GET' ? readIdleMs : writeIdleMs, total: 0}
}

function queryOf(query: ApiRequest['query']): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, value)
  return parameters.size > 0 ? `?${parameters}` : ''
}

/** RFC 9111 5.5 as Kubernetes writes it: `299 - "text"`, several joined by commas. */
function warningsOf(header: string | string[] | undefined): string[] {
  const text = [header ?? []].flat().join(', ')
  return [...text.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, quoted]) => quoted!.replace(/\\(.)/g, '$1'))
}

function parse(answer: RawAnswer, unreachable: (error: unknown) => UnreachableError): ApiAnswer {
  const {status, body, headers} = answer
  if (body.length === 0) return {status, body: undefined}
  try {
    return {status, body: JSON.parse(body.toString('utf8'))}
  } catch (error) {
    if (status >= 400) return {status, body: undefined}
    const type = headers['content-type'] ?? 'something else'
    throw unreachable(new Error(`answered ${status} with ${type}, not JSON: is it an API server?`, {cause: error}))
  }
}

/** An error of Node's network, TLS or HTTP, or of our limits; all others are not about the connection. */
function isConnectionError(error: unknown): boolean {
  return (
    error instanceof AttemptError || (error instanceof Error && (error as NodeJS.ErrnoException).code !== undefined)
  )
}

/** Several addresses that all failed come as an AggregateError without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
