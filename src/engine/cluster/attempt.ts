import http from 'node:http'
import https from 'node:https'
import type {Socket} from 'node:net'
import type {Readable} from 'node:stream'
import {createGunzip} from 'node:zlib'

/** Time limits of one attempt in ms. 0 means no limit. They start when a connection is assigned to the request. */
export interface TimeLimits {
  /** Until the connection is established, TLS included. */
  connect: number
  /** Without a byte from the server. */
  idle: number
  /** Until the response is complete. */
  total: number
}

/** A complete HTTP response, decompressed but not parsed. */
export interface RawResponse {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

/** An attempt that this program ended: it exceeded a time limit or the size limit. */
export class AttemptError extends Error {
  readonly code: 'TOO_SLOW' | 'TOO_LARGE'

  constructor(code: AttemptError['code'], message: string) {
    super(message)
    this.name = 'AttemptError'
    this.code = code
  }
}

/**
 * Limit of one response, decompressed: far above any object or list page. Threat: a server, a proxy or a compressed
 * response that expands without end could otherwise exhaust the memory.
 */
export const maxResponseBytes = 128 * 1024 * 1024

/**
 * Sends one HTTP request and returns the complete response, whatever its status.
 *
 * @param body sent as is; undefined for a request without a body
 * @throws AttemptError when a limit is exceeded; otherwise Node's error (`code`: ECONNRESET, …)
 */
export async function attempt(
  options: https.RequestOptions,
  body: string | undefined,
  limits: TimeLimits,
): Promise<RawResponse> {
  const isPlain = options.protocol === 'http:'
  const request = (isPlain ? http : https).request(options)
  const timers = new AttemptTimers(request, limits)
  try {
    return await new Promise((resolve, reject) => {
      request.once('socket', socket => timers.start(socket, isPlain))
      request.once('finish', () => timers.refreshIdle())
      request.once('error', reject)
      request.once('response', response => {
        response.on('data', () => timers.refreshIdle())
        readResponse(request, response).then(resolve, reject)
      })
      request.end(body)
    })
  } finally {
    timers.clear()
  }
}

/** Destroys a request when one of its time limits is exceeded. */
class AttemptTimers {
  readonly #request: http.ClientRequest
  readonly #limits: TimeLimits
  readonly #timers = new Set<NodeJS.Timeout>()
  #idle: NodeJS.Timeout | undefined

  constructor(request: http.ClientRequest, limits: TimeLimits) {
    this.#request = request
    this.#limits = limits
  }

  /** Starts the limits on the socket that was assigned to the request. The socket may still be connecting. */
  start(socket: Socket, isPlain: boolean): void {
    const {connect, total} = this.#limits
    if (total > 0) this.#after(total, 'no complete response')
    if (this.#request.reusedSocket || (isPlain && !socket.connecting)) {
      this.#startIdle()
      return
    }
    const connecting = connect > 0 ? this.#after(connect, 'no connection') : undefined
    socket.once(isPlain ? 'connect' : 'secureConnect', () => {
      clearTimeout(connecting)
      this.#startIdle()
    })
  }

  /** Restarts the idle limit, if it has started. */
  refreshIdle(): void {
    this.#idle?.refresh()
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #startIdle(): void {
    if (this.#limits.idle > 0) this.#idle = this.#after(this.#limits.idle, 'no response')
  }

  #after(ms: number, missing: string): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#request.destroy(new AttemptError('TOO_SLOW', `${missing} within ${ms / 1000} s`))
    }, ms)
    this.#timers.add(timer)
    return timer
  }
}

function readResponse(request: http.ClientRequest, response: http.IncomingMessage): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const content: Readable = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response
    response.once('error', reject)
    // When a compressed response is cut off, gunzip never ends; only the response's own close reveals it.
    response.once('close', () => {
      if (!response.complete) reject(Object.assign(new Error('the response was cut off'), {code: 'ECONNRESET'}))
    })
    content.once('error', reject)
    content.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxResponseBytes) chunks.push(chunk)
      else request.destroy(new AttemptError('TOO_LARGE', `the response is larger than ${maxResponseBytes} bytes`))
    })
    content.once('end', () => {
      resolve({status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks)})
    })
  })
}
