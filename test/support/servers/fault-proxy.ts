import {execFile} from 'node:child_process'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import type http from 'node:http'
import https from 'node:https'
import type {Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {pemOf} from '../../../src/engine/kubeconfig/credentials.ts'
import {contextInfo, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {listen} from '../listen.ts'

/** A request that the proxy received. */
export interface SeenRequest {
  method: string
  /** Path and query. */
  url: string
  headers: http.IncomingHttpHeaders
  body: string
  /** 1 for the first request since the start of the proxy. */
  number: number
  /** Status of the real server's response. Undefined until it responds, and if the request is not forwarded. */
  status?: number
}

/** What the proxy does with a request. */
export type Fault =
  /** Forwards the request and returns the response. */
  | 'pass'
  /** Resets the connection (RST) without forwarding the request. */
  | 'reset'
  /** Never responds. */
  | 'hang'
  /** Forwards the request, then resets the connection: the change is made, but the client does not know. */
  | 'lose-answer'
  /** Forwards the request, and resets the connection in the middle of the response body. */
  | 'cut'
  /** Returns this response. An object as the body is sent as JSON. */
  | {status: number; headers?: Record<string, string>; body?: object | string}

/** Chooses what happens to a request. A promise holds the request until it is resolved. */
export type Decide = (request: SeenRequest) => Fault | Promise<Fault>

/** Forwards a request once something has ended. */
export async function passAfter(work: Promise<unknown>): Promise<Fault> {
  await work
  return 'pass'
}

/** A running proxy. */
export interface FaultProxy {
  /** A kubeconfig that connects through the proxy. Its only context is named as upstream's, or `proxy`. */
  kubeconfig: string
  context: string
  url: string
  /** Applies to all further requests. */
  decide: Decide
  /** All requests since the start, in order of arrival. */
  readonly requests: SeenRequest[]
  /** Number of TLS handshakes since the start, including resumed sessions. */
  readonly handshakes: number
  /** The largest number of concurrent requests. */
  readonly maxOpen: number
  /** Resets all connections. New connections are accepted. */
  breakAll(): void
  close(): Promise<void>
}

/** A request with the unchanged bytes of its body. `onStatus` is called when the real server responds. */
type RawRequest = Omit<SeenRequest, 'body'> & {body: Buffer; onStatus: (status: number) => void}
type Upstream = ReturnType<typeof upstreamOf>
/** Resets the connection of a request. */
type Reset = () => void

const run = promisify(execFile)

/**
 * Starts a proxy on loopback that terminates TLS with a self-signed certificate.
 *
 * @param options.upstream the real API server; without it, no request can be forwarded
 * @param options.decide the initial faults (default: forward all requests)
 */
export async function startFaultProxy(options: {
  upstream?: {kubeconfig: string; context: string}
  decide?: Decide
}): Promise<FaultProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'fault-proxy-'))
  const {cert, key} = await makeCertificate(folder)
  const upstream = options.upstream && upstreamOf(options.upstream)
  const context = options.upstream?.context ?? 'proxy'
  const requests: SeenRequest[] = []
  let [handshakes, open, maxOpen] = [0, 0, 0]

  const server = https.createServer({cert, key, keepAliveTimeout: 60_000}, async (request, response) => {
    open++
    maxOpen = Math.max(maxOpen, open)
    response.once('close', () => open--)
    const body = await bodyOf(request)
    if (body === undefined) return // The client closed the connection.
    const {method = '', url = '', headers} = request
    const seen: SeenRequest = {method, url, headers, body: body.toString('utf8'), number: requests.length + 1}
    requests.push(seen)
    const connection = {response, reset: connections.resetOf(request), upstream}
    const onStatus = (status: number) => {
      seen.status = status
    }
    applyFault(await proxy.decide(seen), {...seen, body, onStatus}, connection)
  })
  const connections = trackConnections(server)
  server.on('secureConnection', () => handshakes++)
  const url = `https://127.0.0.1:${await listen(server)}`
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(url, cert, context, upstream?.token)), {mode: 0o600})

  const proxy: FaultProxy = {
    kubeconfig,
    context,
    url,
    decide: options.decide ?? (() => 'pass'),
    requests,
    get handshakes() {
      return handshakes
    },
    get maxOpen() {
      return maxOpen
    },
    breakAll: connections.resetAll,
    close: async () => {
      connections.destroyAll()
      upstream?.agent.destroy()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, {recursive: true})
    },
  }
  return proxy
}

/** Undefined if the client closed the connection before the end of the body. */
async function bodyOf(request: http.IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

/** Keeps the TCP sockets below TLS by the port of the client. Only they can send RST. */
function trackConnections(server: https.Server) {
  const sockets = new Map<number, Socket>()
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort!
    sockets.set(port, socket)
    socket.once('close', () => sockets.delete(port))
  })
  return {
    resetOf: (request: http.IncomingMessage): Reset => {
      const port = request.socket.remotePort!
      return () => sockets.get(port)?.resetAndDestroy()
    },
    resetAll: () => {
      for (const socket of sockets.values()) socket.resetAndDestroy()
    },
    destroyAll: () => {
      for (const socket of sockets.values()) socket.destroy()
    },
  }
}

function applyFault(
  fault: Fault,
  request: RawRequest,
  connection: {response: http.ServerResponse; reset: Reset; upstream: Upstream | undefined},
): void {
  const {response, reset, upstream} = connection
  if (fault === 'hang') return
  if (fault === 'reset') {
    reset()
    return
  }
  if (typeof fault === 'object') {
    const {status, headers, body = ''} = fault
    response.writeHead(status, {'content-type': 'application/json', ...headers})
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
    return
  }
  if (!upstream) throw new Error('the fault proxy has no upstream server to forward the request to')
  forward(fault, request, {response, reset, upstream})
}

function forward(
  fault: Fault,
  {method, url, headers, body, onStatus}: RawRequest,
  {response, reset, upstream}: {response: http.ServerResponse; reset: Reset; upstream: Upstream},
): void {
  const options = {...upstream.address, agent: upstream.agent, method, path: upstream.path + url, headers}
  const onward = https.request(options, answer => {
    onStatus(answer.statusCode!)
    if (fault === 'lose-answer') {
      answer.resume().once('end', reset)
    } else if (fault === 'cut') {
      // The header announces a longer body than is sent.
      response.writeHead(answer.statusCode!, {'content-type': 'application/json', 'content-length': '100000'})
      response.write('{"kind":', reset)
      answer.resume()
    } else {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    }
  })
  onward.once('error', reset)
  onward.end(body)
}

async function makeCertificate(folder: string): Promise<{cert: string; key: string}> {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=fault-proxy', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:fault-proxy.test'],
    ...['-keyout', key, '-out', cert],
  ])
  return {cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8')}
}

/** How to connect to the real server. The proxy presents a client certificate; the client sends a token. */
function upstreamOf({kubeconfig: file, context}: {kubeconfig: string; context: string}) {
  const kubeconfig = loadKubeconfig({kubeconfig: file, env: {}})
  const info = contextInfo(kubeconfig, context)
  const cluster = kubeconfig.clusters.get(info.cluster)!.value
  const user = kubeconfig.users.get(info.user)?.value
  const url = new URL(cluster.server)
  const agent = new https.Agent({
    keepAlive: true,
    ca: pemOf(cluster.certificateAuthorityData, cluster.certificateAuthority, 'certificate-authority'),
    cert: user && pemOf(user.clientCertificateData, user.clientCertificate, 'client-certificate'),
    key: user && pemOf(user.clientKeyData, user.clientKey, 'client-key'),
    rejectUnauthorized: !cluster.insecureSkipTlsVerify,
  })
  return {
    agent,
    address: {hostname: url.hostname, port: url.port},
    path: url.pathname.replace(/\/$/, ''),
    token: user?.token,
  }
}

function kubeconfigOf(server: string, ca: string, context: string, token: string | undefined): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [{name: context, cluster: {server, 'certificate-authority-data': Buffer.from(ca).toString('base64')}}],
    users: [{name: context, user: token ? {token} : {}}],
    contexts: [{name: context, context: {cluster: context, user: context}}],
  }
}
