import {readControlPlaneFacts} from '../../../control-plane/read.ts'
import {readTrustedMembership} from '../../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {Right} from '../../../engine/kubernetes/access-rules.ts'
import {isTargetOf} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {planOffline} from '../../../engine/plan/offline.ts'
import type {ExitCode} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {pathsData} from '../../../mesh/exported/exported.ts'
import {formerParentRemoval, readFormerSet} from '../../../mesh/former-set.ts'
import {askInRun} from '../../../run/ask-missing.ts'
import {type ClusterChange, changeClusters} from '../../../run/change-clusters.ts'
import {printPlan} from '../../../run/print-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {reportLabelled} from '../../../run/report-unrecorded.ts'
import {rightsOfSet} from '../../../run/rights-of.ts'
import {connect, type Run} from '../../../run/run.ts'
import {announceRisks, settingsInput} from '../../../run/settings.ts'
import {namespaceOf, nameWithoutCluster} from '../../../run/where.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {mergeSettings, readMerged, riskyChanges, type SettingsInput, settingsData} from '../../../spec/settings.ts'
import {serversOf} from '../istio-gateway.ts'
import {ingressApplySet, ingressLabels} from '../objects.ts'
import {ingressTlsRights} from '../rights.ts'
import {ingressTlsChecks} from './checks.ts'
import {findGateway, refuseUnknownGateway} from './find-gateway.ts'
import {buildIngressTls, type IngressTlsHost, ingressTlsApplySet} from './objects.ts'
import {type IngressTlsFacts, readIngressTlsFacts, readSecrets} from './read.ts'
import {readTlsFiles} from './read-files.ts'
import {findTlsRecord, readTlsRecords} from './read-record.ts'
import {
  type IngressTls,
  ingressTlsFields,
  ingressTlsRecordFields,
  pathNames,
  validateIngressTls,
  validateTlsHost,
} from './spec.ts'
import {gatewayNameOf} from './spec-host.ts'
import type {GatewayWorkload} from './workloads.ts'

type RawTls = RawSpec<typeof ingressTlsFields>
type HostTls = IngressTls & {host: string}
type TlsSettings = SettingsInput<typeof ingressTlsFields>

/**
 * Serves a host with a certificate at a gateway, or renews its certificate. Settings of earlier runs are kept.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError for invalid input or files (exit 2), and for findings that prevent the change (exit 3)
 */
export async function serveTls(input: RawTls, context: string, run: Run): Promise<ExitCode> {
  const raw = await askInRun(ingressTlsFields, input, run, async one =>
    (await loadQuestions()).askTlsHost(one, run.terminal),
  )
  if (run.write.dryRun === 'client') return printOffline(raw, context, run)
  const {host, systemNamespace} = readSpec(ingressTlsRecordFields, raw, validateTlsHost)
  const cluster = await connect(run.access, context, () => tlsRights(raw, context, run))
  const record = findTlsRecord(await readTlsRecords(cluster, host!, systemNamespace), raw)
  const settings = await withAnswers(settingsInput(ingressTlsFields, raw, record?.parent, run), run)
  const prepared = await prepareHost(cluster, settings, run)
  const change = await hostChange(cluster, settings, prepared, run)
  announceRisks(riskyChanges(ingressTlsFields, settings, prepared.spec), run)
  const {exit} = await changeClusters(
    [change],
    {question: `Apply this to ${clusterNameFrom(cluster.context)}?`},
    run,
    outcomes => {
      if (outcomes.every(({result}) => result === 'unchanged')) return
      if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
      const gateway = `${prepared.spec.namespace}/${gatewayNameOf(host!)}`
      run.terminal.message([
        `${host} has a certificate.`,
        `hint:  next, route its requests with a VirtualService: gateways: [${gateway}], hosts: [${host}]`,
      ])
    },
  )
  return exit
}

function readTls(raw: RawTls): HostTls {
  return readSpec(ingressTlsFields, raw, validateIngressTls) as HostTls
}

/** Questions are loaded only on a terminal. */
function loadQuestions() {
  return import('./questions.ts')
}

/** Asks for files that neither the input nor the stored settings make needless. */
async function withAnswers(settings: TlsSettings, run: Run): Promise<TlsSettings> {
  const merged = mergeSettings(ingressTlsFields, settings)
  const requested = await askInRun(ingressTlsFields, settings.requested, run, async raw => ({
    ...raw,
    ...(await (await loadQuestions()).askTlsFiles(merged, run.terminal)),
  }))
  return {...settings, requested}
}

/** What is served, and where. */
interface Prepared {
  spec: HostTls & {namespace: string}
  secret: IngressTlsHost['secret']
  facts: IngressTlsFacts
  workload: GatewayWorkload
}

async function prepareHost(cluster: Cluster, settings: TlsSettings, {terminal}: Run): Promise<Prepared> {
  const merged = readMerged(ingressTlsFields, settings, mergeSettings(ingressTlsFields, settings), readTls)
  const secret = merged.secret === undefined ? await readTlsFiles(merged, new Date(), terminal) : {name: merged.secret}
  const facts = await readIngressTlsFacts(cluster)
  const workload = findGateway(merged, facts.workloads, clusterNameFrom(cluster.context))
  const {namespace} = workload
  const recorded = (await readTrustedMembership(cluster, ingressApplySet({...merged, name: merged.gateway, namespace})))
    .objects
  refuseUnknownGateway(merged, workload, recorded, clusterNameFrom(cluster.context))
  const redirect = keepsRedirect(settings) ? hasRedirect(merged.host, namespace, facts) : merged.redirect
  return {spec: {...merged, namespace, redirect}, secret, facts, workload}
}

/** Whether the redirect is only known from the Gateway itself: version 0.1.0 stored no settings. */
function keepsRedirect({requested, stored, reset, complete}: TlsSettings): boolean {
  return requested.redirect === undefined && !stored && !complete && !reset.includes('redirect')
}

/** Whether the run decides about client certificates. If not, an existing Gateway must not lose them. */
function decidesMutual({requested, stored, reset, complete}: TlsSettings): boolean {
  return (
    requested.mutual !== undefined || stored?.mutual !== undefined || reset.includes('mutual') || (complete && !!stored)
  )
}

/** Checks the host and returns its changes. */
async function hostChange(
  cluster: Cluster,
  settings: TlsSettings,
  {spec, secret, facts, workload}: Prepared,
  run: Run,
): Promise<ClusterChange> {
  const {namespace} = spec
  const set = ingressTlsApplySet(spec)
  const [membership, former] = await Promise.all([readTrustedMembership(cluster, set), readFormerSet(cluster, set)])
  const name = clusterNameFrom(cluster.context)
  const changes = buildIngressTls(
    tlsHostOf(spec, secret, name, workload, await readGatewayControlPlane(cluster, spec, workload)),
  )
  const isTarget = isTargetOf(changes)
  const isOurs = (object: KubernetesObject) =>
    membership.owns(object) || (isTarget(object) && membership.adopts(object, run.access.manager))
  const secrets = spec.secret === undefined ? new Map() : await readSecrets(cluster, [{namespace, name: spec.secret}])
  const mutualIsSet = decidesMutual(settings)
  const subject = {spec, facts, workload, secrets, now: new Date(), mutualIsSet, isOurs}
  reportFindings(runChecks(ingressTlsChecks, subject), run)
  // Other objects with the former label belong to other hosts, and so does the former record until the last has moved.
  const [own, others] = [former.objects.filter(isTarget), former.objects.filter(object => !isTarget(object))]
  reportLabelled(name, membership, [...membership.unrecorded, ...own], changes, run)
  return {cluster, name, changes: [...changes, ...(others.length > 0 ? [] : formerParentRemoval(former, name))], set}
}

/** The control plane of a gateway. During a rollout to another revision, it is no tenant. */
async function readGatewayControlPlane(
  cluster: Cluster,
  {systemNamespace}: HostTls,
  {revisions}: GatewayWorkload,
): Promise<IngressTlsHost['controlPlane']> {
  const [only = 'default', ...others] = revisions
  const revision = only === 'default' ? undefined : only
  if (others.length > 0) return {isTenant: false, revision}
  const {isTenant} = await readControlPlaneFacts(cluster, {systemNamespace, revision})
  return {isTenant, revision}
}

function hasRedirect(host: string, namespace: string, {gateways}: IngressTlsFacts): boolean {
  const name = gatewayNameOf(host)
  const live = gateways.find(({metadata}) => metadata.namespace === namespace && metadata.name === name)
  return live !== undefined && serversOf(live).some(({tls}) => tls?.httpsRedirect === true)
}

function tlsHostOf(
  spec: HostTls & {namespace: string},
  secret: IngressTlsHost['secret'],
  cluster: string,
  {labels}: GatewayWorkload,
  controlPlane: IngressTlsHost['controlPlane'],
): IngressTlsHost {
  // A gateway keeps this label when its workload is renamed or replaced.
  const selector = {istio: labels.istio!}
  return {...spec, cluster, secret, selector, controlPlane, record: recordOf(spec)}
}

/** The settings, and the paths of the files, for `mesh export`. */
function recordOf(spec: IngressTls): Record<string, string> {
  const paths = spec.secret === undefined ? pathNames.map(name => [name, spec[name]]) : []
  return {...settingsData(ingressTlsFields, spec), ...pathsData(Object.fromEntries(paths))}
}

/** Prints the objects for `--dry-run=client`. The namespace defaults to that of the context. */
async function printOffline(raw: RawTls, context: string, run: Run): Promise<ExitCode> {
  const {requested} = await withAnswers({requested: raw, stored: undefined, reset: [], complete: false}, run)
  const {spec, cluster, changes} = await changesWithoutCluster(readTls(requested), context, run)
  return printPlan([planOffline(cluster, changes, ingressTlsApplySet(spec))], run)
}

/** All permissions to serve a host, as far as the input determines them. */
async function tlsRights(raw: RawTls, context: string, run: Run): Promise<Right[]> {
  const {spec, changes} = await changesWithoutCluster(readTls(raw), context, run)
  const needed = [...ingressTlsRights({...spec, name: spec.gateway}, changes), ...rightsOfSet(ingressTlsApplySet(spec))]
  // Without --namespace, the namespace is that of the gateway, which is not known before it is found.
  return spec.isNamed ? needed : needed.map(right => (right.namespace === spec.namespace ? anywhere(right) : right))
}

function anywhere({namespace: _namespace, ...right}: Right): Right {
  return right
}

/** Returns what is applied, as far as the input determines it. */
async function changesWithoutCluster(input: HostTls, context: string, run: Run) {
  const secret = input.secret === undefined ? await readTlsFiles(input, new Date(), run.terminal) : {name: input.secret}
  const cluster = nameWithoutCluster(context, run.access)
  const spec = {...input, namespace: input.namespace ?? namespaceOf(context, run.access)}
  const selector = {istio: ingressLabels(spec.gateway).istio}
  const record = recordOf(spec)
  const changes = buildIngressTls({
    ...spec,
    cluster,
    secret,
    selector,
    controlPlane: {isTenant: false, revision: undefined},
    record,
  })
  return {spec: {...spec, isNamed: input.namespace !== undefined}, cluster, changes}
}
