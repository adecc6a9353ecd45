import {request} from 'node:http'
import {Duplex, PassThrough, Writable} from 'node:stream'
import {UnreachableError} from './errors.ts'
import {type StreamAccess, streamConfig} from './stream-access.ts'

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
}

const defaultTimeoutMs = 10_000

/** Returns access to pods by client-node's streams (WebSocket, `v5.channel.k8s.io`), which load on first use. */
export function createPods(access: StreamAccess): Pods {
  return {
    read: (pod, port, path, timeoutMs = defaultTimeoutMs) => readPort(access, pod, port, path, timeoutMs),
    exec: (pod, container, argv) => execute(access, pod, container, argv),
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
  const forward = new PortForward(await streamConfig(access))
  const [toPod, fromPod, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const unreachable = (error: unknown) => unreachablePod(access, pod, ` port ${port}`, error)
  const opening = forward.portForward(pod.namespace, pod.name, [port], fromPod, errors, toPod)
  const socket = await opened(opening, unreachable)
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(unreachable(error))
      errors.once('data', chunk => fail(new Error(String(chunk).trim())))
      // The request's own `timeout` option needs a real socket.
      timer = setTimeout(() => fail(new Error(`no response within ${timeoutMs / 1000} s`)), timeoutMs)
      getOver(Duplex.from({readable: fromPod, writable: toPod}), path).then(resolve, fail)
    })
  } finally {
    clearTimeout(timer)
    if (typeof socket !== 'function') socket.close()
  }
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
      const parts: Buffer[] = []
      response.on('data', part => parts.push(part))
      response.on('error', reject)
      response.on('end', () => resolve({status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8')}))
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
  const runner = new Exec(await streamConfig(access))
  const [out, err] = [collect(), collect()]
  const code = await new Promise<number | undefined>((resolve, reject) => {
    const onStatus = (status: ExecStatus) => resolve(exitCodeOf(status))
    const opening = runner.exec(
      pod.namespace,
      pod.name,
      container,
      [...argv],
      out.stream,
      err.stream,
      null,
      false,
      onStatus,
    )
    opened(opening, error => unreachablePod(access, pod, '', error))
      .then(socket => socket.on('close', () => resolve(undefined)))
      .catch(reject)
  })
  return {code, stdout: out.text(), stderr: err.text()}
}

async function opened<T>(opening: Promise<T>, failure: (error: unknown) => UnreachableError): Promise<T> {
  try {
    return await opening
  } catch (error) {
    throw failure(error)
  }
}

function unreachablePod({context}: StreamAccess, pod: PodRef, where: string, error: unknown): UnreachableError {
  const message = `${context}: pod ${pod.namespace}/${pod.name}${where}: ${reasonOf(error)}`
  return new UnreachableError(context, message, error)
}

/** The library `ws` rejects with an ErrorEvent, which is not an Error. */
function reasonOf(error: unknown): string {
  return (error as {message?: string} | undefined)?.message ?? 'the connection was refused'
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

function collect(): {stream: Writable; text: () => string} {
  const parts: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(Buffer.from(chunk))
      done()
    },
  })
  return {stream, text: () => Buffer.concat(parts).toString('utf8')}
}
