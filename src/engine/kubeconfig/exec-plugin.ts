import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {text as readText} from 'node:stream/consumers'
import {type MeshError, refusedError, usageError} from '../../errors.ts'
import type {ClusterEntry, ExecEntry} from './entries.ts'

/** What a plugin hands out: a token, a client certificate with its key, or both. */
export interface ExecCredential {
  token: string | undefined
  /** PEM. */
  cert: string | undefined
  /** PEM. */
  key: string | undefined
  /** undefined: as long as the server takes it. */
  expires: Date | undefined
}

const supported = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/**
 * Runs a credential plugin as client-go does (Kubernetes, client.authentication.k8s.io/v1): with `KUBERNETES_EXEC_INFO`,
 * our stderr, and our stdin when the plugin may ask and stdin is a terminal. client-node's own way is not used, since it
 * sets no KUBERNETES_EXEC_INFO, hides what a plugin tells its user, and never renews after a 401.
 *
 * @param certificateAuthority PEM of the cluster's, for plugins with `provideClusterInfo`
 * @throws MeshError: exit 2 on a wrong entry, 3 when the plugin is not there, fails, or answers what is no credential
 */
export async function runExecPlugin(
  exec: ExecEntry,
  cluster: ClusterEntry,
  certificateAuthority: string | undefined,
  context: string,
): Promise<ExecCredential> {
  const interactive = isInteractive(exec, context)
  const child = spawn(exec.command, exec.args, {
    env: {
      ...process.env,
      ...Object.fromEntries(exec.env.map(({name, value}) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(exec, cluster, certificateAuthority, interactive)),
    },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
  })
  const told = (why: string) => failed(exec, context, why)
  const [output, [code, signal]] = await Promise.all([readText(child.stdout!), once(child, 'close')]).catch(
    (error: NodeJS.ErrnoException) => {
      throw told(error.code === 'ENOENT' ? 'is not there' : `cannot be started: ${error.message}`)
    },
  )
  if (code !== 0) throw told(signal ? `was ended by ${signal}` : `failed with exit code ${code}`)
  return readCredential(output, exec, told)
}

function isInteractive(exec: ExecEntry, context: string): boolean {
  const where = `the credential plugin "${exec.command}" of context "${context}"`
  if (!exec.command) throw usageError(`the credential plugin of context "${context}" names no command`)
  if (!supported.includes(exec.apiVersion)) {
    throw usageError(`${where} has apiVersion "${exec.apiVersion}"`, `known are ${supported.join(' and ')}`)
  }
  // v1 must say it; v1beta1 has a default (client-go, clientcmd/validation.go and api/v1/defaults.go).
  const mode = exec.interactiveMode || (exec.apiVersion.endsWith('/v1beta1') ? 'IfAvailable' : '')
  const terminal = process.stdin.isTTY === true
  if (!['Never', 'IfAvailable', 'Always'].includes(mode)) {
    throw usageError(`${where} must set interactiveMode to Never, IfAvailable or Always`)
  }
  if (mode === 'Always' && !terminal) throw refusedError(`${where} asks questions, and there is no terminal`)
  return mode !== 'Never' && terminal
}

function execInfo(exec: ExecEntry, cluster: ClusterEntry, ca: string | undefined, interactive: boolean): object {
  return {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: {
      ...(exec.provideClusterInfo
        ? {
            cluster: {
              server: cluster.server,
              ...(cluster.tlsServerName ? {'tls-server-name': cluster.tlsServerName} : {}),
              ...(cluster.insecureSkipTlsVerify ? {'insecure-skip-tls-verify': true} : {}),
              ...(ca ? {'certificate-authority-data': Buffer.from(ca).toString('base64')} : {}),
              ...(cluster.proxyUrl ? {'proxy-url': cluster.proxyUrl} : {}),
              config: cluster.execConfig ?? null,
            },
          }
        : {}),
      interactive,
    },
  }
}

/** The output holds secrets: no error quotes it. */
function readCredential(output: string, exec: ExecEntry, told: (why: string) => MeshError): ExecCredential {
  let answer: {apiVersion?: unknown; kind?: unknown; status?: Record<string, unknown>} | null
  try {
    answer = JSON.parse(output)
  } catch {
    throw told('printed what is not JSON')
  }
  if (answer?.kind !== 'ExecCredential' || answer.apiVersion !== exec.apiVersion) {
    throw told(`printed no ExecCredential of ${exec.apiVersion}`)
  }
  const {token, clientCertificateData, clientKeyData, expirationTimestamp} = answer.status ?? {}
  const credential = {token: textOf(token), cert: textOf(clientCertificateData), key: textOf(clientKeyData)}
  if (!credential.token && !(credential.cert && credential.key)) throw told('gave no token and no client certificate')
  if (!expirationTimestamp) return {...credential, expires: undefined}
  const expires = new Date(String(expirationTimestamp))
  if (Number.isNaN(expires.getTime())) throw told('gave an expirationTimestamp that is no time')
  return {...credential, expires}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function failed(exec: ExecEntry, context: string, why: string): MeshError {
  const hints = exec.installHint ? [exec.installHint] : []
  return refusedError(`the credential plugin "${exec.command}" of context "${context}" ${why}`, ...hints)
}
