import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import type {Readable} from 'node:stream'
import {type MeshError, refusedError, usageError} from '../../errors.ts'
import type {ClusterEntry, ExecEntry} from './entries.ts'
import {findPlugin} from './find-plugin.ts'
import {relayStderr} from './relay-stderr.ts'

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
 * `KUBERNETES_EXEC_INFO`, and our stdin if the plugin may prompt and stdin is a terminal. What it prints on stderr appears
 * on ours, with control characters escaped.
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

/** Far above any credential. Protects memory from a plugin that never stops printing. */
const maxOutputBytes = 4 * 1024 * 1024

/** Returns what the plugin prints on stdout. */
async function run(exec: ExecEntry, info: object, interactive: boolean, failure: Failure): Promise<string> {
  const child = start(exec, info, interactive, failure)
  const stderrCopied = relayStderr(child.stderr!)
  // Not the event `close`: a background process of the plugin may keep stderr open.
  const [output, [code, signal]] = await Promise.all([readOutput(child.stdout!), once(child, 'exit')]).catch(error => {
    child.kill()
    throw failure(error instanceof OutputTooLarge ? 'printed too much' : startProblem(error))
  })
  await stderrCopied()
  // On a terminal, Ctrl-C ends the plugin too. `failure.ts` reports this error as an interrupt.
  if (signal === 'SIGINT') throw new Error(signal)
  if (code !== 0) throw failure(signal ? `was terminated by ${signal}` : `failed with exit code ${code}`)
  return output
}

/** An error of `spawn` may quote an argument or environment variable, which may be secret: only its code is shown. */
function start(exec: ExecEntry, info: object, interactive: boolean, failure: Failure): ChildProcess {
  const program = programOf(exec, failure)
  try {
    return spawn(program, exec.args, {
      env: {
        ...process.env,
        ...Object.fromEntries(exec.env.map(({name, value}) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    throw failure(startProblem(error))
  }
}

function startProblem(error: unknown): string {
  const {code} = error as NodeJS.ErrnoException
  return code === 'ENOENT' ? 'is not installed' : `cannot be started: ${code ?? 'invalid arguments'}`
}

class OutputTooLarge extends Error {}

async function readOutput(stdout: Readable): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of stdout) {
    size += (part as Buffer).length
    if (size > maxOutputBytes) throw new OutputTooLarge()
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The program to start. It is looked up here and not by `spawn`, which accepts relative elements of PATH. */
function programOf(exec: ExecEntry, failure: Failure): string {
  const found = findPlugin(exec.command, process.env.PATH ?? '')
  if ('path' in found) return found.path
  if (found.problem === 'missing') throw failure('is not installed')
  throw failure(
    'is in a relative folder of PATH (. or an empty element), which kubectl rejects too: set its path in the kubeconfig',
  )
}

function isInteractive(exec: ExecEntry, context: string): boolean {
  if (!exec.command) throw usageError(`the credential plugin of context "${context}" sets no command`)
  if (!supportedVersions.includes(exec.apiVersion)) {
    const shown = /^client\.authentication\.k8s\.io\/v\w{1,12}$/.test(exec.apiVersion) ? ` "${exec.apiVersion}"` : ''
    throw usageError(
      `${nameOf(exec, context)} has an unsupported apiVersion${shown}`,
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
  const expires = new Date(textOf(expirationTimestamp) ?? '')
  if (Number.isNaN(expires.getTime())) throw failure('returned an expirationTimestamp that is not a valid time')
  return {...credential, expires}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
