import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {text as readText} from 'node:stream/consumers'
import {type MeshError, refusedError, usageError} from '../../errors.ts'
import type {ClusterEntry, ExecEntry} from './entries.ts'

/** The output of a credential plugin: a token, a client certificate with its key, or both. */
export interface ExecCredential {
  token: string | undefined
  /** PEM. */
  cert: string | undefined
  /** PEM. */
  key: string | undefined
  /** undefined: valid until the server rejects it. */
  expires: Date | undefined
}

/** Returns the error of a plugin. The reason follows the plugin's name in the message. */
type Failure = (reason: string) => MeshError

const supportedVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/**
 * Runs a credential plugin as client-go does (Kubernetes, client.authentication.k8s.io/v1): with
 * `KUBERNETES_EXEC_INFO`, our stderr, and our stdin if the plugin may prompt and stdin is a terminal.
 *
 * client-node can run plugins too, but it does not set KUBERNETES_EXEC_INFO, hides the plugin's stderr, and does not
 * renew the credential after a 401.
 *
 * @param certificateAuthority PEM of the cluster's certificate authority, for plugins with `provideClusterInfo`
 * @throws MeshError: exit 2 for an invalid entry; exit 3 if the plugin is not installed, fails, or prints no credential
 */
export async function runExecPlugin(
  exec: ExecEntry,
  cluster: ClusterEntry,
  certificateAuthority: string | undefined,
  context: string,
): Promise<ExecCredential> {
  const interactive = isInteractive(exec, context)
  const failure: Failure = reason =>
    refusedError(`${nameOf(exec, context)} ${reason}`, ...(exec.installHint ? [exec.installHint] : []))
  const info = execInfo(exec, cluster, certificateAuthority, interactive)
  return readCredential(await run(exec, info, interactive, failure), exec, failure)
}

/** Returns what the plugin prints on stdout. */
async function run(exec: ExecEntry, info: object, interactive: boolean, failure: Failure): Promise<string> {
  const child = spawn(exec.command, exec.args, {
    env: {
      ...process.env,
      ...Object.fromEntries(exec.env.map(({name, value}) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
  })
  const [output, [code, signal]] = await Promise.all([readText(child.stdout!), once(child, 'close')]).catch(
    (error: NodeJS.ErrnoException) => {
      throw failure(error.code === 'ENOENT' ? 'is not installed' : `cannot be started: ${error.message}`)
    },
  )
  if (code !== 0) throw failure(signal ? `was terminated by ${signal}` : `failed with exit code ${code}`)
  return output
}

function isInteractive(exec: ExecEntry, context: string): boolean {
  if (!exec.command) throw usageError(`the credential plugin of context "${context}" sets no command`)
  if (!supportedVersions.includes(exec.apiVersion)) {
    throw usageError(
      `${nameOf(exec, context)} has apiVersion "${exec.apiVersion}"`,
      `supported versions: ${supportedVersions.join(', ')}`,
    )
  }
  // Required in v1; v1beta1 has a default (client-go, clientcmd/validation.go and api/v1/defaults.go).
  const mode = exec.interactiveMode || (exec.apiVersion.endsWith('/v1beta1') ? 'IfAvailable' : '')
  const isTerminal = process.stdin.isTTY === true
  if (!['Never', 'IfAvailable', 'Always'].includes(mode)) {
    throw usageError(`${nameOf(exec, context)} must set interactiveMode to Never, IfAvailable or Always`)
  }
  if (mode === 'Always' && !isTerminal) {
    throw refusedError(`${nameOf(exec, context)} needs a terminal for its prompts, but stdin is not a terminal`)
  }
  return mode !== 'Never' && isTerminal
}

function nameOf(exec: ExecEntry, context: string): string {
  return `the credential plugin "${exec.command}" of context "${context}"`
}

function execInfo(exec: ExecEntry, cluster: ClusterEntry, ca: string | undefined, interactive: boolean): object {
  return {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: {...(exec.provideClusterInfo ? {cluster: clusterInfo(cluster, ca)} : {}), interactive},
  }
}

function clusterInfo(cluster: ClusterEntry, ca: string | undefined): object {
  return {
    server: cluster.server,
    ...(cluster.tlsServerName ? {'tls-server-name': cluster.tlsServerName} : {}),
    ...(cluster.insecureSkipTlsVerify ? {'insecure-skip-tls-verify': true} : {}),
    ...(ca ? {'certificate-authority-data': Buffer.from(ca).toString('base64')} : {}),
    ...(cluster.proxyUrl ? {'proxy-url': cluster.proxyUrl} : {}),
    config: cluster.execConfig ?? null,
  }
}

/** The output contains secrets, so no error quotes it. */
function readCredential(output: string, exec: ExecEntry, failure: Failure): ExecCredential {
  let printed: {apiVersion?: unknown; kind?: unknown; status?: Record<string, unknown>} | null
  try {
    printed = JSON.parse(output)
  } catch {
    throw failure('printed invalid JSON')
  }
  if (printed?.kind !== 'ExecCredential' || printed.apiVersion !== exec.apiVersion) {
    throw failure(`printed no ExecCredential of ${exec.apiVersion}`)
  }
  const {token, clientCertificateData, clientKeyData, expirationTimestamp} = printed.status ?? {}
  const credential = {token: textOf(token), cert: textOf(clientCertificateData), key: textOf(clientKeyData)}
  if (!credential.token && !(credential.cert && credential.key)) {
    throw failure('returned neither a token nor a client certificate')
  }
  if (!expirationTimestamp) return {...credential, expires: undefined}
  const expires = new Date(String(expirationTimestamp))
  if (Number.isNaN(expires.getTime())) throw failure('returned an expirationTimestamp that is not a valid time')
  return {...credential, expires}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
