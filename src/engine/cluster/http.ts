import {setMaxListeners} from 'node:events'
import type {Credential, CredentialSource} from '../kubeconfig/credentials.ts'
import {AttemptError, attempt, type RawResponse, type TimeLimits} from './attempt.ts'
import {ApiError, UnreachableError} from './errors.ts'
import {createLimit} from './limit.ts'
import {parseBody} from './parse-body.ts'
import {ConnectionPool, maxInFlight, type PoolOptions} from './pool.ts'
import {pause, retryPause, type Try} from './retry.ts'

/** A request to an API server. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Path below the server's URL, percent-encoded: `/api/v1/namespaces/x`. */
  path: string
  query?: Record<string, string | undefined>
  /** Sent as JSON. */
  body?: object
  /** Default: `application/json`. */
  contentType?: string
  /** Sending the request twice has the same effect as sending it once. */
  repeatable: boolean
}

/** A response of an API server, whatever its status. */
export interface ApiResponse {
  status: number
  /** A JSON object. undefined only with a status of 300 or more, if the body is not a JSON object. */
  body: object | undefined
  /** Size of the body, decompressed. */
  bytes?: number
}

/** One API server behind one connection pool. */
export interface Transport {
  /**
   * Sends a request and retries it where that can help: any request on 429; repeatable ones on 500, 502, 503, 504 and
   * on a broken connection; once on 401, with a renewed credential.
   *
   * @throws UnreachableError when no response arrives, or one that is not JSON
   * @throws ApiError (413) for a body that the server is known to reject
   */
  send(request: ApiRequest): Promise<ApiResponse>
  /** Closes all connections and rejects all pending requests. */
  close(): void
}

export interface TransportOptions extends PoolOptions {
  context: string
  credentials: CredentialSource
  /** Sent with every request: `Impersonate-User`, … */
  headers: Record<string, string | string[]>
  /**
   * Limit of each attempt in ms, from its connection to its complete response; 0 means no limit. Undefined: no limit
   * for the whole attempt, and 30 s (reads) or 65 s (writes) without a byte from the server.
   */
  requestTimeout: number | undefined
  /** Receives each distinct `Warning:` of the server once. */
  onWarning: ((warning: string) => void) | undefined
  /** Receives method, URL, status and duration of each attempt. */
  verbose: ((line: string) => void) | undefined
}

const connectTimeoutMs = 15_000
const readIdleMs = 30_000
/** Longer than kube-apiserver's own limit of 60 s (`--request-timeout`), which includes admission webhooks. */
const writeIdleMs = 65_000

/**
 * kube-apiserver's limit. It closes the connection on more (k8s.io/apiserver, server/config.go, MaxRequestBodyBytes).
 */
const maxRequestBytes = 3 * 1024 * 1024

/** Returns a transport without connecting: the first request opens the first connection. */
export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options)
}

class HttpTransport implements Transport {
  readonly #options: TransportOptions
  readonly #pool: ConnectionPool
  readonly #limit = createLimit(maxInFlight)
  readonly #closed = new AbortController()
  readonly #reportedWarnings = new Set<string>()

  constructor(options: TransportOptions) {
    this.#options = options
    this.#pool = new ConnectionPool(options)
    // Every pause before a retry listens to this signal.
    setMaxListeners(0, this.#closed.signal)
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    const message = encode(request)
    let isRenewed = false
    for (let tries = 1; ; tries++) {
      const result = await this.#limit(() => this.#try(message))
      if (!isRenewed && (await this.#renewsCredential(result))) {
        isRenewed = true
        continue
      }
      const pauseMs = retryPause(result, tries, request.repeatable)
      if (pauseMs === undefined) return this.#finish(result, message)
      await pause(pauseMs, this.#closed.signal)
    }
  }

  close(): void {
    const {context} = this.#options
    this.#closed.abort(new UnreachableError(context, `context "${context}": the connection was closed`))
    this.#pool.close()
  }

  async #try(message: EncodedRequest): Promise<Try & {credential: Credential}> {
    const credential = await this.#options.credentials.current()
    this.#closed.signal.throwIfAborted()
    try {
      return {credential, response: await this.#attempt(message, credential)}
    } catch (error) {
      if (!isConnectionError(error)) throw error
      return {credential, error}
    }
  }

  async #attempt(message: EncodedRequest, credential: Credential): Promise<RawResponse> {
    const {server, requestTimeout} = this.#options
    const path = server.pathname.replace(/\/+$/, '') + message.path
    const started = performance.now()
    const log = (result: string) => {
      const ms = Math.round(performance.now() - started)
      this.#options.verbose?.(`${message.method} ${server.protocol}//${server.host}${path} ${result} in ${ms} ms`)
    }
    const target = {
      protocol: server.protocol,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      method: message.method,
      path,
      agent: this.#pool.agentFor(credential),
      headers: {...this.#options.headers, ...headersOf(message, credential)},
    }
    try {
      const response = await attempt(target, message.body, limitsOf(requestTimeout, message.method))
      log(String(response.status))
      return response
    } catch (error) {
      log(reasonOf(error))
      throw error
    }
  }

  async #renewsCredential(result: Try & {credential: Credential}): Promise<boolean> {
    return 'response' in result && result.response.status === 401
      ? this.#options.credentials.renew(result.credential)
      : false
  }

  #finish(result: Try, {method}: EncodedRequest): ApiResponse {
    if ('error' in result) throw this.#unreachable(result.error)
    // The user did not choose what this program reads.
    if (method !== 'GET') this.#reportWarnings(result.response)
    return this.#parse(result.response)
  }

  #reportWarnings({headers}: RawResponse): void {
    for (const warning of warningsOf(headers.warning)) {
      if (!this.#reportedWarnings.has(warning)) this.#options.onWarning?.(warning)
      this.#reportedWarnings.add(warning)
    }
  }

  /** An answer that is no object is an error too: it would otherwise count as an object that does not exist. */
  #parse(response: RawResponse): ApiResponse {
    const {status, body} = response
    const parsed = parseBody(response)
    if ('value' in parsed) return {status, body: parsed.value, bytes: body.length}
    if (status >= 300) return {status, body: undefined}
    throw this.#unreachable(new Error(`responded with status ${status} and ${parsed.problem}: is it an API server?`))
  }

  #unreachable(error: unknown): UnreachableError {
    const {context, server} = this.#options
    return new UnreachableError(context, `context "${context}": ${server.origin}: ${reasonOf(error)}`, error)
  }
}

/** A request in the form in which each attempt sends it. */
interface EncodedRequest {
  method: ApiRequest['method']
  /** With the query. */
  path: string
  body: string | undefined
  contentType: string
  /** Size of the body in bytes. */
  size: number
}

function encode(request: ApiRequest): EncodedRequest {
  const body = request.body === undefined ? undefined : JSON.stringify(request.body)
  const size = body === undefined ? 0 : Buffer.byteLength(body)
  if (size > maxRequestBytes) {
    throw new ApiError(413, 'RequestEntityTooLarge', `the object has ${size} bytes; the limit is ${maxRequestBytes}`)
  }
  const contentType = request.contentType ?? 'application/json'
  return {method: request.method, path: request.path + queryOf(request.query), body, contentType, size}
}

function headersOf({body, contentType, size}: EncodedRequest, {authorization}: Credential): Record<string, string> {
  return {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'kubectl-mesh',
    ...(authorization ? {authorization} : {}),
    ...(body === undefined ? {} : {'content-type': contentType, 'content-length': String(size)}),
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

/**
 * Reads the header in Kubernetes' form, `299 - "text"`, with several warnings joined by commas (RFC 7234, section 5.5).
 */
function warningsOf(header: string | string[] | undefined): string[] {
  const text = [header ?? []].flat().join(', ')
  return [...text.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, quoted]) => quoted!.replace(/\\(.)/g, '$1'))
}

/** Returns whether an error comes from the network, TLS, HTTP or our limits. Node sets a `code` on all of them. */
function isConnectionError(error: unknown): boolean {
  return (
    error instanceof AttemptError || (error instanceof Error && (error as NodeJS.ErrnoException).code !== undefined)
  )
}

/** When all addresses of a host fail, Node throws an AggregateError with an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
