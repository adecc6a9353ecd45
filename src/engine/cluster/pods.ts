import {request} from 'node:http'
import {Duplex, PassThrough, Writable} from 'node:stream'
import type {KubeConfig} from '@kubernetes/client-node'
import type {Credential} from '../kubeconfig/credentials.ts'
import {UnreachableError} from './errors.ts'

/** A pod of a cluster. */
export interface PodRef {
  namespace: string
  name: string
}

/** What a command in a container said. */
export interface Executed {
  /** Exit code; undefined when the server did not tell one. */
  code: number | undefined
  stdout: string
  stderr: string
}

/** What goes through the API server to a pod. */
export interface Pods {
  /**
   * GET of a path on a port of the pod, as if from inside it (`kubectl port-forward`): the answer's status and body.
   * istiod's debug pages answer others only with a token (since 1.29).
   *
   * @throws UnreachableError when the pod does not answer in `timeoutMs`
   */
  read(pod: PodRef, port: number, path: string, timeoutMs?: number): Promise<{status: number; body: string}>
  /** Runs a command in a container and waits for its end (`kubectl exec`). The command is in the API server's audit log: no secrets. */
  exec(pod: PodRef, container: string, argv: readonly string[]): Promise<Executed>
}

/** Where an API server is and as whom it is asked. */
export interface StreamAccess {
  context: string
  server: string
  ca: string | undefined
  tlsServerName: string | undefined
  insecure: boolean
  /** User to act as; groups are not carried by client-node's streams. */
  as: string | undefined
  credential: () => Promise<Credential>
}

const defaultTimeoutMs = 10_000

/** Streams to pods. They are client-node's (WebSocket, `v5.channel.k8s.io`): loaded with the first use only. */
export function createPods(access: StreamAccess): Pods {
  return {
    read: async (pod, port, path, timeoutMs = defaultTimeoutMs) => {
      const {PortForward} = await import('@kubernetes/client-node')
      const forward = new PortForward(await kubeConfigOf(access))
      const toPod = new PassThrough()
      const fromPod = new PassThrough()
      const errors = new PassThrough()
      const unreachable = (why: string, cause?: unknown) =>
        new UnreachableError(
          access.context,
          `${access.context}: pod ${pod.namespace}/${pod.name} port ${port}: ${why}`,
          cause,
        )
      const opened = forward.portForward(pod.namespace, pod.name, [port], fromPod, errors, toPod)
      const socket = await opened.catch((error: unknown) => {
        throw unreachable(reasonOf(error), error)
      })
      let timer: NodeJS.Timeout | undefined
      try {
        return await new Promise((resolve, reject) => {
          errors.once('data', chunk => reject(unreachable(String(chunk).trim())))
          const sent = request({
            path,
            headers: {host: 'localhost', connection: 'close'},
            createConnection: () => Duplex.from({readable: fromPod, writable: toPod}),
          })
          // not the request's own: it wants a real socket
          timer = setTimeout(() => reject(unreachable(`no answer in ${timeoutMs / 1000} s`)), timeoutMs)
          sent.on('error', error => reject(unreachable(error.message, error)))
          sent.on('response', response => {
            const parts: Buffer[] = []
            response.on('data', part => parts.push(part))
            response.on('error', error => reject(unreachable(error.message, error)))
            response.on('end', () =>
              resolve({status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8')}),
            )
          })
          sent.end()
        })
      } finally {
        clearTimeout(timer)
        if (typeof socket !== 'function') socket.close()
      }
    },

    exec: async (pod, container, argv) => {
      const {Exec} = await import('@kubernetes/client-node')
      const out = collect()
      const err = collect()
      const runner = new Exec(await kubeConfigOf(access))
      const code = await new Promise<number | undefined>((resolve, reject) => {
        runner
          .exec(pod.namespace, pod.name, container, [...argv], out.stream, err.stream, null, false, status =>
            resolve(codeOf(status)),
          )
          .then(socket => socket.on('close', () => resolve(undefined)))
          .catch((error: unknown) =>
            reject(
              new UnreachableError(
                access.context,
                `${access.context}: pod ${pod.namespace}/${pod.name}: ${reasonOf(error)}`,
                error,
              ),
            ),
          )
      })
      return {code, stdout: out.text(), stderr: err.text()}
    },
  }
}

async function kubeConfigOf(access: StreamAccess): Promise<KubeConfig> {
  const {KubeConfig} = await import('@kubernetes/client-node')
  const {authorization, cert, key} = await access.credential()
  const [scheme, value = ''] = authorization?.split(' ', 2) ?? []
  const [username, ...password] = Buffer.from(scheme === 'Basic' ? value : '', 'base64')
    .toString('utf8')
    .split(':')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [
      {
        name: 'cluster',
        server: access.server,
        skipTLSVerify: access.insecure,
        ...(access.ca === undefined ? {} : {caData: base64(access.ca)}),
        ...(access.tlsServerName === undefined ? {} : {tlsServerName: access.tlsServerName}),
      },
    ],
    users: [
      {
        name: 'user',
        ...(scheme === 'Bearer' ? {token: value} : {}),
        ...(scheme === 'Basic' ? {username, password: password.join(':')} : {}),
        ...(cert === undefined ? {} : {certData: base64(cert)}),
        ...(key === undefined ? {} : {keyData: base64(key)}),
        ...(access.as === undefined ? {} : {impersonateUser: access.as}),
      },
    ],
    contexts: [{name: 'context', cluster: 'cluster', user: 'user'}],
    currentContext: 'context',
  })
  return config
}

function base64(data: string | Buffer): string {
  return Buffer.from(data).toString('base64')
}

/** ws gives an ErrorEvent, which is no Error. */
function reasonOf(error: unknown): string {
  return error instanceof Error
    ? error.message
    : ((error as {message?: string} | undefined)?.message ?? 'the connection was refused')
}

interface ExecStatus {
  status?: string
  details?: {causes?: {reason?: string; message?: string}[]}
}

/** The API server's Status of a command's end: `Success`, or the exit code as a cause. */
function codeOf({status, details}: ExecStatus): number | undefined {
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
