import {definitionsToSend, isOlder, render} from '../../control-plane/render.ts'
import {hasSailOperator} from '../../control-plane/sail.ts'
import {readMergedValues} from '../../control-plane/values.ts'
import {waitForControlPlane} from '../../control-plane/wait.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {lostMembers} from '../../engine/plan/membership.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import type {ExitCode} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import type {Definition, RenderedControlPlane} from '../../istio/render/manifest.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {commandLineOf, contextArguments} from '../../run/command-line.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLabelled} from '../../run/report-unrecorded.ts'
import {printNext} from '../../run/review/next-steps.ts'
import {connect, type Run} from '../../run/run.ts'
import {announceRisks} from '../../run/settings.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {readSpec} from '../../spec/read.ts'
import {readMerged, riskyChanges} from '../../spec/settings.ts'
import {formatListing} from '../../terminal/list/listing.ts'
import {withSpinner} from '../../terminal/output/progress.ts'
import {printTenantWithoutCluster, tenantAddRights} from './add-offline.ts'
import {type TenantAddSubject, tenantAddChecks} from './checks-add.ts'
import {namespacesOf} from './istio.ts'
import {needsRestart} from './istio-pods.ts'
import {buildTenant, tenantApplySet} from './objects.ts'
import {readPods, readTenants, type TenantsFacts} from './read.ts'
import {existingTenant, readForAdd, recordFor, type TenantAddFacts, withoutExistingShared} from './read-add.ts'
import {tenantListing, tenantRows} from './report-list.ts'
import {stepsAfterAdd} from './report-restarts.ts'
import {frameOf, readRequest, selectorsOf, type TenantRequest} from './request.ts'
import {mergeTenant, type RawTenant, tenantInput, withNames} from './settings.ts'
import {tenantFields, validateTenant} from './spec.ts'

/**
 * Creates a tenant in one cluster, or completes or updates it.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function addTenant(raw: RawTenant, context: string, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printTenantWithoutCluster(raw, context, run)
  const cluster = await connect(run.access, context, () => tenantAddRights(raw, context, run))
  const before = await readTenants(cluster)
  const answered = await askInRun(tenantFields, raw, run, one => askTenant(one, before, run))
  const record = recordFor(answered, before)
  const input = tenantInput(answered, record, run)
  const merged = mergeTenant(input)
  readMerged(tenantFields, input, merged, raw => readSpec(tenantFields, raw, validateTenant))
  const request = await readRequest(merged, spec => readMergedValues(spec, input, record))
  const [rendered, facts] = await withSpinner(run.terminal, 'rendering the control plane and reading the cluster', () =>
    Promise.all([
      render(request.spec, request.input, run.signal),
      readForAdd(request.names, before, run.access.manager, request.spec),
    ]),
  )
  reportFindings(runChecks(tenantAddChecks, subjectOf(request, facts, run)), run)
  const changes = await changesOf(request, rendered, facts, run)
  reportLabelled(clusterNameFrom(cluster.context), facts.membership, facts.membership.unrecorded, changes, run)
  announceRisks(riskyChanges(tenantFields, input, withNames(request.spec)), run)
  const change = {
    cluster,
    name: clusterNameFrom(cluster.context),
    changes,
    set: tenantApplySet(request.names.systemNamespace),
  }
  const resume = commandLineOf(tenantFields, request.spec, run, contextArguments(context, run.access))
  const {exit} = await changeClusters(
    [change],
    {question: `Apply this to ${clusterNameFrom(cluster.context)}?`, resume},
    run,
    async outcomes => {
      if (!isComplete(outcomes)) return
      if (run.write.wait) await waitForControlPlane(cluster, request.spec.via, request.names, run)
      if (run.write.output === undefined) await reportAdded(request, cluster, context, outcomes, run)
    },
  )
  return exit
}

/** The prompts are loaded only on an interactive terminal, to start faster elsewhere. */
async function askTenant(raw: RawTenant, facts: TenantsFacts, run: Run): Promise<RawTenant> {
  const {askTenant: ask} = await import('./questions.ts')
  return ask(raw, facts, {terminal: run.terminal, hasSail: () => hasSailOperator(facts.cluster)})
}

function subjectOf(request: TenantRequest, facts: TenantAddFacts, {access}: Run): TenantAddSubject {
  const {spec, names} = request
  const validator = facts.validators.find(({metadata}) => metadata.name === 'istiod-default-validator')
  return {
    names,
    via: spec.via,
    namespaces: spec.namespaces,
    isDefault: spec.isDefault,
    selectors: selectorsOf(request),
    // A control plane that nothing proves must not prevent a tenant elsewhere.
    tenants: facts.tenants.filter(({proved, namespace}) => proved || namespace === names.systemNamespace),
    unprovedRecord: facts.unprovedRecords.find(({metadata}) => metadata.namespace === names.systemNamespace),
    live: facts.namespaces,
    tags: facts.tags,
    defaultValidator: validator && (validator.metadata.labels?.['istio.io/rev'] ?? 'unknown'),
    lacksDefinitions: facts.definitions.size === 0,
    isLost: lostMembers(facts.membership, access.manager).length > 0,
    lacksSail: facts.hasSail === false,
    ztunnels: facts.ztunnels,
  }
}

async function changesOf(
  request: TenantRequest,
  rendered: RenderedControlPlane,
  facts: TenantAddFacts,
  run: Run,
): Promise<Change[]> {
  const {spec, names} = request
  const {cluster} = facts
  const definitions = definitionsToSend(rendered.definitions, facts.definitions)
  warnOfOlderDefinitions(rendered.definitions, definitions, facts, run)
  const objects = await withoutExistingShared(rendered.objects, names, cluster)
  const changes = buildTenant(
    frameOf(request, clusterNameFrom(cluster.context), existingTenant(names, facts, run.access.manager)),
    objects,
    definitions.map(({read}) => read()),
  )
  // With --via none, no control plane is rendered, so it is unknown which objects of an existing one are obsolete.
  const obsolete =
    spec.via === 'none'
      ? []
      : pruneChanges(clusterNameFrom(cluster.context), facts.membership.objects, changes, () => false)
  return [...changes, ...obsolete]
}

/** Warns if the cluster has an older CustomResourceDefinition of another owner, which is not upgraded. */
function warnOfOlderDefinitions(
  rendered: readonly Definition[],
  sent: readonly Definition[],
  {definitions}: TenantAddFacts,
  run: Run,
): void {
  const older = rendered.find(({name, version}) => isOlder(definitions.get(name)?.version, version))
  if (older && !sent.includes(older))
    run.terminal.message([
      `warning: Istio's CustomResourceDefinitions in the cluster have version ${definitions.get(older.name)?.version}; expected at least ${older.version}, the version of this tenant`,
      `hint:  upgrade them with the tool that installed them before you use fields of ${older.version}`,
    ])
}

function isComplete(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(({result}) => result !== 'failed' && result !== 'not tried')
}

/** Prints the row of the tenant in `mesh tenant list`, and what comes next. */
async function reportAdded(
  {names}: TenantRequest,
  cluster: Cluster,
  context: string,
  outcomes: readonly Outcome[],
  run: Run,
): Promise<void> {
  const facts = await readTenants(cluster)
  const tenants = facts.tenants.filter(({namespace}) => namespace === names.systemNamespace)
  const namespaces = tenants.flatMap(tenant => namespacesOf(tenant, facts)).map(({metadata}) => metadata.name)
  const pods = await readPods(cluster, namespaces)
  const rows = tenantRows({...facts, tenants}, pods)
  run.terminal.print(formatListing(tenantListing(rows, new Date()), undefined), 'text')
  const added = {
    name: names.name,
    hasNamespaces: namespaces.length > 0,
    pods: pods.filter(pod => needsRestart(pod, names, false)),
  }
  printNext(stepsAfterAdd(added, context, run.connection ?? ''), outcomes, run)
}
