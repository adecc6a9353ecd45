import {execFile} from 'node:child_process'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import type http from 'node:http'
import https from 'node:https'
import type {AddressInfo, Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {pemOf} from '../../../src/engine/kubeconfig/credentials.ts'
import {contextInfo, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'

/** A request as the proxy sees it. */
export interface SeenRequest {
  method: string
  /** Path and query. */
  url: string
  headers: http.IncomingHttpHeaders
  body: string
  /** 1 for the first request since the start of the proxy. */
  number: number
}

/** What the proxy does with a request. */
export type Fault =
  /** Sends it on to the real server, and its answer back. */
  | 'pass'
  /** Breaks the connection (RST) without sending it on. */
  | 'reset'
  /** Never answers. */
  | 'hang'
  /** Sends it on, then breaks the connection: it was done, and nobody is told. */
  | 'lose-answer'
  /** Sends it on, and breaks the connection in the middle of the answer's body. */
  | 'cut'
  /** Answers this itself. A body that is an object is sent as JSON. */
  | {status: number; headers?: Record<string, string>; body?: object | string}
  /** Waits so many ms, then sends it on. */
  | {delay: number}

export type Decide = (request: SeenRequest) => Fault

export interface FaultProxy {
  /** A file with one context, named as upstream's or `proxy`, that leads through the proxy. */
  kubeconfig: string
  context: string
  url: string
  /** What is done with the requests from now on. */
  decide: Decide
  /** All requests since the start, in the order they came. */
  readonly requests: SeenRequest[]
  /** TLS handshakes since the start, resumed sessions included. */
  readonly handshakes: number
  /** The largest number of requests that were open together. */
  readonly maxOpen: number
  /** Breaks all connections at once; new ones are taken. */
  breakAll(): void
  close(): Promise<void>
}

const run = promisify(execFile)

/**
 * Starts a proxy on loopback that ends TLS (with a certificate of its own) and does to requests what `decide` says.
 *
 * @param options.upstream the real API server; without it only faults and own answers make sense
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
  /** Of each connection the socket below TLS: only that can send RST. By the client's port. */
  const sockets = new Map<number, Socket>()
  const reset = (port: number) => sockets.get(port)?.resetAndDestroy()
  let handshakes = 0
  let open = 0
  let maxOpen = 0

  const server = https.createServer({cert, key, keepAliveTimeout: 60_000}, async (request, response) => {
    const port = request.socket.remotePort!
    open++
    maxOpen = Math.max(maxOpen, open)
    response.once('close', () => open--)
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return // The client is gone.
    }
    const seen = {
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      number: requests.length + 1,
    }
    requests.push(seen)
    const fault = proxy.decide(seen)
    if (fault === 'hang') return
    if (fault === 'reset') return reset(port)
    if (typeof fault === 'object' && 'status' in fault) {
      const {status, headers, body = ''} = fault
      response.writeHead(status, {'content-type': 'application/json', ...headers})
      return response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (typeof fault === 'object') await new Promise(resolve => setTimeout(resolve, fault.delay))
    if (!upstream) throw new Error('the fault proxy has no real server to pass this on to')
    const onward = https.request(
      {
        ...upstream.address,
        agent: upstream.agent,
        method: seen.method,
        path: upstream.path + seen.url,
        headers: request.headers,
      },
      answer => {
        if (fault === 'lose-answer') {
          answer.resume().once('end', () => reset(port))
        } else if (fault === 'cut') {
          // Head and some bytes of a body that says to be longer.
          response.writeHead(answer.statusCode!, {'content-type': 'application/json', 'content-length': '100000'})
          response.write('{"kind":', () => reset(port))
          answer.resume()
        } else {
          response.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(response)
        }
      },
    )
    onward.once('error', () => reset(port))
    onward.end(Buffer.concat(chunks))
  })
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort!
    sockets.set(port, socket)
    socket.once('close', () => sockets.delete(port))
  })
  server.on('secureConnection', () => handshakes++)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
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
    breakAll: () => {
      for (const port of sockets.keys()) reset(port)
    },
    close: async () => {
      for (const socket of sockets.values()) socket.destroy()
      upstream?.agent.destroy()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, {recursive: true})
    },
  }
  return proxy
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

/** How to reach the real server. A client certificate is presented by the proxy; a token is passed on by the client. */
function upstreamOf({kubeconfig: file, context}: {kubeconfig: string; context: string}) {
  const kubeconfig = loadKubeconfig({kubeconfig: file, env: {}})
  const info = contextInfo(kubeconfig, context)
  const cluster = kubeconfig.clusters.get(info.cluster)!.value
  const user = kubeconfig.users.get(info.user)?.value
  const url = new URL(cluster.server)
  const agent = new https.Agent({
    keepAlive: true,
    ca: pemOf(cluster.certificateAuthorityData, cluster.certificateAuthority),
    cert: user && pemOf(user.clientCertificateData, user.clientCertificate),
    key: user && pemOf(user.clientKeyData, user.clientKey),
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
