import {isReady} from '../../../control-plane/read-debug-pages.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {requestToken} from '../../../engine/cluster/tokens.ts'
import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {refusedError, usageError} from '../../../errors.ts'
import {type Access, connect} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {codeOf} from '../../../text/files.ts'
import {openBrowser} from '../../../tools/browser.ts'
import {readWorkloads} from '../list.ts'
import {nameOfWorkload} from '../report.ts'
import {interfaces, readKialiInterface} from './istio-addons.ts'
import {type AddonOpen, addonOpenFields, validateAddonOpen} from './spec.ts'

/** What `mesh addon open` needs from outside. */
export interface OpenRun {
  terminal: Terminal
  access: Access
}

/** The permissions of `mesh addon open`. */
const openRights: readonly Right[] = [
  ...rightsFor(['list'], ['deployments.apps', 'statefulsets.apps', 'pods']),
  ...rightsFor(['get'], ['configmaps']),
  // The API server checks `get` for a WebSocket, and newer ones also `create`.
  ...['get', 'create'].map((verb): Right => ({verb, group: '', resource: 'pods/portforward'})),
]

/**
 * Forwards a local port to the user interface of an add-on, and prints its URL. The port stays open until the process ends.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3) if the add-on does not run
 */
export async function openAddon(raw: RawSpec<typeof addonOpenFields>, context: string, run: OpenRun): Promise<void> {
  const spec = readSpec(addonOpenFields, raw, validateAddonOpen) as AddonOpen
  const cluster = await connect(run.access, context, openRights)
  const workload = await findWorkload(cluster, spec)
  const {port, path} = await interfaceOf(cluster, workload, spec, run)
  // Before the first connection, so that an add-on that does not run is reported at once.
  await findPod(cluster, workload)
  const {port: localPort} = await forward(cluster, workload, port, spec, run)
  const url = `http://localhost:${localPort}${path}`
  run.terminal.print(`${url}\n`)
  if (spec.printToken) await printToken(cluster, workload, spec, run)
  const problem = spec.browser ? await openBrowser(url) : undefined
  if (problem !== undefined) run.terminal.message(`warning: no browser was opened: ${problem}`)
  run.terminal.message('forwarding connections; press Ctrl-C to stop')
}

async function findWorkload(cluster: Cluster, {name, namespace}: AddonOpen): Promise<KubernetesObject> {
  const all = (await readWorkloads(cluster)).filter(workload => nameOfWorkload(workload) === name)
  const found = all.filter(({metadata}) => namespace === undefined || metadata.namespace === namespace)
  const where = `${clusterNameFrom(cluster.context)}${namespace === undefined ? '' : `, namespace ${namespace}`}`
  if (found.length === 0)
    throw refusedError(`${where}: no ${name} found`, `kubectl mesh addon install ${name} --from ./istio-1.31.0`)
  if (found.length > 1)
    throw usageError(
      `${where}: ${name} runs in several namespaces: ${found.map(({metadata}) => metadata.namespace).join(', ')}`,
      'choose one with -n',
    )
  return found[0]!
}

async function interfaceOf(
  cluster: Cluster,
  {metadata: {name, namespace}}: KubernetesObject,
  spec: AddonOpen,
  {terminal}: OpenRun,
): Promise<{port: number; path: string}> {
  const standard = interfaces[spec.name]
  if (spec.name !== 'kiali') return standard
  const map = await cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace: namespace!, name})
  const {strategy, port = standard.port, path = standard.path} = readKialiInterface(map)
  if (spec.printToken && strategy !== 'token')
    terminal.message(
      `warning: the login of Kiali is ${strategy ?? 'not known'}; a token has an effect only with --auth token`,
    )
  return {port, path}
}

async function findPod(cluster: Cluster, workload: KubernetesObject): Promise<{namespace: string; name: string}> {
  const {namespace = '', name} = workload.metadata
  const {matchLabels = {}} = (workload.spec as {selector?: {matchLabels?: Record<string, string>}}).selector ?? {}
  const labelSelector = Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const pods = await cluster.list({apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector})
  const ready = pods.find(isReady)
  if (ready) return {namespace, name: ready.metadata.name}
  throw refusedError(
    `no pod of ${name} in namespace ${namespace} is ready`,
    `kubectl -n ${namespace} get pods -l ${labelSelector}`,
  )
}

async function forward(
  cluster: Cluster,
  workload: KubernetesObject,
  port: number,
  spec: AddonOpen,
  {terminal}: OpenRun,
): Promise<{port: number}> {
  const localPort = spec.port ?? port
  try {
    return await cluster.pods.forward({
      port,
      localPort,
      pod: () => findPod(cluster, workload),
      onError: error => terminal.message(`warning: a connection failed: ${error.message}`),
    })
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error
    throw usageError(`port ${localPort} of this machine cannot be used: ${codeOf(error)}`, '--port 0 uses a free one')
  }
}

/** The token is a result: it is printed to stdout and nowhere else. */
async function printToken(
  cluster: Cluster,
  {metadata: {namespace = ''}, spec}: KubernetesObject,
  {tokenDuration}: AddonOpen,
  {terminal}: OpenRun,
): Promise<void> {
  const {template} = spec as {template?: {spec?: {serviceAccountName?: string}}}
  const {token, expires} = await requestToken(cluster, {
    namespace,
    serviceAccount: template?.spec?.serviceAccountName ?? 'default',
    durationSeconds: Math.round(tokenDuration / 1000),
  })
  terminal.print(`${token}\n`)
  terminal.message(`the token expires at ${expires.toISOString()}`)
}
