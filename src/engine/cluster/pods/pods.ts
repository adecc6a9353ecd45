import {request} from 'node:http'
import {Duplex, PassThrough, Writable} from 'node:stream'
import {maxResponseBytes} from '../attempt.ts'
import {UnreachableError} from '../errors.ts'
import {type Forwarding, type ForwardOptions, forwardPort} from './forward.ts'
import {openStreams, type StreamAccess} from './stream-access.ts'
import {errorOfStream} from './stream-error.ts'

/** A pod of a cluster. */
export interface PodRef {
  namespace: string
  name: string
}

/** The result of a command in a container. */
export interface Executed {
  /** Exit code; undefined if the server did not report one. */
  code: number | undefined
  stdout: string
  stderr: string
}

/** Access to pods through the API server. */
export interface Pods {
  /**
   * Sends a GET to a port of the pod through a port-forward, so that it appears to come from localhost. Istiod's debug
   * endpoints reject other clients without a token (since 1.29).
   *
   * @param timeoutMs default 10 s
   * @throws UnreachableError if the pod does not respond in time
   */
  read(pod: PodRef, port: number, path: string, timeoutMs?: number): Promise<{status: number; body: string}>
  /**
   * Runs a command in a container and waits for it to end (`kubectl exec`).
   *
   * @param argv recorded in the API server's audit log, so it must not contain secrets
   * @throws UnreachableError if the command cannot be started
   */
  exec(pod: PodRef, container: string, argv: readonly string[]): Promise<Executed>
  /** Forwards connections from a local port to a pod, as `forwardPort`. */
  forward(options: ForwardOptions): Promise<Forwarding>
}

const defaultTimeoutMs = 10_000

/** Longest error text of an API server that is shown. */
const maxErrorLength = 1000

/** Returns access to pods by client-node's streams (WebSocket, `v5.channel.k8s.io`), which load on first use. */
export function createPods(access: StreamAccess): Pods {
  return {
    read: (pod, port, path, timeoutMs = defaultTimeoutMs) => readPort(access, pod, port, path, timeoutMs),
    exec: (pod, container, argv) => execute(access, pod, container, argv),
    forward: options => forwardPort(access, options),
  }
}

async function readPort(
  access: StreamAccess,
  pod: PodRef,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<{status: number; body: string}> {
  const {PortForward} = await import('@kubernetes/client-node')
  const [toPod, fromPod, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const unreachable = (error: unknown) => unreachablePod(access, pod, ` port ${port}`, error)
  const {config, handler} = await openStreams(access, error => fromPod.destroy(error))
  const forward = new PortForward(config, true, handler)
  const {namespace, name} = encoded(pod)
  const opening = forward.portForward(namespace, name, [port], fromPod, errors, toPod)
  const socket = await opened(opening, unreachable)
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(unreachable(error))
      if (typeof socket !== 'function') onBroken(socket, fail)
      errors.once('data', chunk => fail(new Error(String(chunk).trim().slice(0, maxErrorLength))))
      // The request's own `timeout` option needs a real socket.
      timer = setTimeout(() => fail(new Error(`no response within ${timeoutMs / 1000} s`)), timeoutMs)
      getOver(Duplex.from({readable: fromPod, writable: toPod}), path).then(resolve, fail)
    })
  } finally {
    clearTimeout(timer)
    if (typeof socket !== 'function') socket.close()
  }
}

/** client-node puts the names into the path of the URL unchanged. */
function encoded({namespace, name}: PodRef): PodRef {
  return {namespace: encodeURIComponent(namespace), name: encodeURIComponent(name)}
}

function getOver(connection: Duplex, path: string): Promise<{status: number; body: string}> {
  return new Promise((resolve, reject) => {
    const sent = request({
      path,
      headers: {host: 'localhost', connection: 'close'},
      createConnection: () => connection,
    })
    sent.on('error', reject)
    sent.on('response', response => {
      const body = collect(error => sent.destroy(error))
      response.on('error', reject)
      response.on('end', () => resolve({status: response.statusCode ?? 0, body: body.text()}))
      response.on('data', body.add)
    })
    sent.end()
  })
}

async function execute(
  access: StreamAccess,
  pod: PodRef,
  container: string,
  argv: readonly string[],
): Promise<Executed> {
  const {Exec} = await import('@kubernetes/client-node')
  const streams = Promise.withResolvers<number | undefined>()
  // If the stream does not open, that error is reported instead.
  streams.promise.catch(() => undefined)
  const fail = (error: Error) => streams.reject(unreachablePod(access, pod, '', error))
  const {config, handler} = await openStreams(access, fail)
  const runner = new Exec(config, handler)
  const [out, err] = [collect(fail), collect(fail)]
  const {namespace, name} = encoded(pod)
  const onStatus = (status: ExecStatus) => streams.resolve(exitCodeOf(status))
  const [toOut, toErr] = [out, err].map(({add}) => writableOf(add)) as [Writable, Writable]
  const opening = runner.exec(namespace, name, container, [...argv], toOut, toErr, null, false, onStatus)
  const socket = await opened(opening, error => unreachablePod(access, pod, '', error))
  onBroken(socket, fail)
  socket.on('close', () => streams.resolve(undefined))
  try {
    return {code: await streams.promise, stdout: out.text(), stderr: err.text()}
  } finally {
    socket.close()
  }
}

type Socket = Awaited<ReturnType<import('@kubernetes/client-node').Exec['exec']>>

/**
 * Calls a function when a stream breaks, such as by a message above the limit: it would look like a command that ended without
 * output. It may have broken before it was returned.
 */
function onBroken(socket: Socket, fail: (error: Error) => void): void {
  socket.on('error', fail)
  if (socket.readyState !== socket.OPEN) fail(new Error('the connection broke: a message is invalid or too large'))
}

async function opened<T>(opening: Promise<T>, failure: (error: unknown) => UnreachableError): Promise<T> {
  try {
    return await opening
  } catch (error) {
    throw failure(error)
  }
}

function unreachablePod({context}: StreamAccess, pod: PodRef, where: string, error: unknown): UnreachableError {
  const reason = errorOfStream(error)
  const message = `${context}: pod ${pod.namespace}/${pod.name}${where}: ${reason?.message ?? 'the connection was refused'}`
  return new UnreachableError(context, message, reason)
}

interface ExecStatus {
  status?: string
  details?: {causes?: {reason?: string; message?: string}[]}
}

/** Reads the Status that ends an exec stream: `Success`, or the exit code as a cause. */
function exitCodeOf({status, details}: ExecStatus): number | undefined {
  if (status === 'Success') return 0
  const code = details?.causes?.find(({reason}) => reason === 'ExitCode')?.message
  return code === undefined ? undefined : Number(code)
}

/** Collects the parts of a text, and reports an error instead of a text that is too large for the memory. */
function collect(fail: (error: Error) => void): {add: (part: Buffer) => void; text: () => string} {
  const parts: Buffer[] = []
  let size = 0
  return {
    add: part => {
      size += part.length
      if (size <= maxResponseBytes) parts.push(Buffer.from(part))
      else fail(new Error(`the output is larger than ${maxResponseBytes} bytes`))
    },
    text: () => Buffer.concat(parts).toString('utf8'),
  }
}

function writableOf(add: (part: Buffer) => void): Writable {
  return new Writable({
    write(part: Buffer, _encoding, done) {
      add(part)
      done()
    },
  })
}
