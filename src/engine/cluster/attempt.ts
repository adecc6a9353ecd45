import http from 'node:http'
import https from 'node:https'
import {createGunzip} from 'node:zlib'

/** How long one attempt may take, in ms; 0 is without end. All count from when the request has its connection. */
export interface TimeLimits {
  /** Until the connection stands. */
  connect: number
  /** Without a byte from the server. */
  idle: number
  /** Until the answer is complete. */
  total: number
}

/** An answer as it came. */
export interface RawAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

/** An attempt that ended without an answer for a reason of ours. */
export class AttemptError extends Error {
  readonly code: 'TOO_SLOW' | 'TOO_LARGE'

  constructor(code: AttemptError['code'], message: string) {
    super(message)
    this.name = 'AttemptError'
    this.code = code
  }
}

/** No list page and no object comes near it; a server that goes on for ever must not fill the memory. */
const maxAnswerBytes = 256 * 1024 * 1024

/**
 * Sends one request and reads the whole answer, whatever its status.
 *
 * @throws AttemptError when it took too long or was too large; else Node's error (`code`: ECONNRESET, …)
 */
export function attempt(
  options: https.RequestOptions,
  body: string | undefined,
  limits: TimeLimits,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = (options.protocol === 'http:' ? http : https).request(options)
    const timers = new Set<NodeJS.Timeout>()
    const after = (ms: number, what: string) => {
      const timer = setTimeout(() => {
        request.destroy(new AttemptError('TOO_SLOW', `${what} within ${ms / 1000} s`))
      }, ms)
      timers.add(timer)
      return timer
    }
    const end = () => {
      for (const timer of timers) clearTimeout(timer)
    }
    const fail = (error: Error) => {
      end()
      reject(error)
    }

    let idle: NodeJS.Timeout | undefined
    const alive = () => {
      if (limits.idle > 0) idle = idle?.refresh() ?? after(limits.idle, 'no answer')
    }
    request.once('socket', socket => {
      if (limits.total > 0) after(limits.total, 'no complete answer')
      const plain = options.protocol === 'http:'
      if (request.reusedSocket || (plain && !socket.connecting)) return alive()
      const connecting = limits.connect > 0 ? after(limits.connect, 'no connection') : undefined
      socket.once(plain ? 'connect' : 'secureConnect', () => {
        clearTimeout(connecting)
        alive()
      })
    })
    request.once('finish', () => idle?.refresh())
    request.once('error', fail)
    request.once('response', response => {
      const chunks: Buffer[] = []
      let size = 0
      const zipped = response.headers['content-encoding'] === 'gzip'
      const content = zipped ? response.pipe(createGunzip()) : response
      response.on('data', () => idle?.refresh())
      response.once('error', fail)
      // A zipped answer that breaks off ends its source without an end of the content.
      response.once('close', () => {
        if (!response.complete) fail(Object.assign(new Error('the answer broke off'), {code: 'ECONNRESET'}))
      })
      content.once('error', fail)
      content.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > maxAnswerBytes) {
          request.destroy(new AttemptError('TOO_LARGE', `the answer is larger than ${maxAnswerBytes} bytes`))
        } else {
          chunks.push(chunk)
        }
      })
      content.once('end', () => {
        end()
        resolve({status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks)})
      })
    })
    request.end(body)
  })
}
