import {readDefinitions} from '../../control-plane/read-definitions.ts'
import {definitionsToSend, isOlder, render} from '../../control-plane/render.ts'
import {waitForControlPlane} from '../../control-plane/wait.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {readLive} from '../../engine/plan/live.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {membersOf, pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, exitCodes, MeshError} from '../../errors.ts'
import {problemsOf, runChecks} from '../../findings/check.ts'
import {istioOperator} from '../../istio/render/operator.ts'
import {helmValues} from '../../istio/render/values.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printPlan} from '../../run/print-plan.ts'
import type {Run} from '../../run/run.ts'
import {connect} from '../../run/run.ts'
import {flagsFor, type RawSpec, readSpec, shellWord} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {dumpYaml} from '../../text/yaml.ts'
import {tenantAddChecks} from './checks-add.ts'
import {controlPlaneOf, selectorsOf} from './control-plane.ts'
import {buildTenant, isOwn, madeForAnnotation, type TenantFrame, tenantApplySet} from './objects.ts'
import {namespacesOf, readPods, readTenants, type TenantsFacts} from './read.ts'
import {tenantRows} from './read-rows.ts'
import {formatTenants} from './report-list.ts'
import {namesOf, type TenantNames, type TenantSpec, tenantFields, tenantFlagFields, tenantProblems} from './spec.ts'

type RawTenant = RawSpec<typeof tenantFields>

/** Prints only the file for another tool: `-o istio-operator` and `-o helm-values`. No cluster is asked. */
export async function printTenantFile(
  raw: RawTenant,
  what: 'istio-operator' | 'helm-values',
  run: Pick<Run, 'terminal'>,
): Promise<ExitCode> {
  const input = await controlPlaneOf(readSpec(tenantFields, raw, tenantProblems))
  run.terminal.print(dumpYaml(what === 'istio-operator' ? istioOperator(input) : helmValues(input)))
  return exitCodes.ok
}

/** Makes a tenant in one cluster, or completes or renews it. `context` is '' for the current one. */
export async function addTenant(raw: RawTenant, context: string, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const asked = run.terminal.interactive ? await askMissing(raw, context, run) : raw
  const spec = readSpec(tenantFields, asked, tenantProblems)
  const input = await controlPlaneOf(spec)
  const names = namesOf(spec)
  const cluster = await connect(run.access, context)
  const set = tenantApplySet(names.systemNamespace)
  const [rendered, facts, definitions, members] = await Promise.all([
    render(spec, input, run.signal),
    readTenants(cluster),
    readDefinitions(cluster, run.access.manager),
    membersOf(cluster, set),
  ])
  preflight(spec, selectorsOf(spec, input), facts, definitions.size === 0, run)
  const sent = definitionsToSend(rendered.definitions, definitions)
  const older = rendered.definitions.find(({name, version}) => isOlder(definitions.get(name)?.version, version))
  if (older && !sent.includes(older))
    run.terminal.message(
      `warning: Istio's CustomResourceDefinitions here are of ${definitions.get(older.name)?.version}, older than this tenant's ${older.version}\nhint:  renew them by what made them, before fields of ${older.version} are used`,
    )
  const frame = frameOf(spec, cluster.context, ownNamespaces(spec, facts))
  const objects = await withoutShared(cluster, rendered.objects, names)
  const changes = buildTenant(
    frame,
    objects,
    sent.map(({read}) => read()),
  )
  // without a control plane of ours to compare with, nothing is known to be left over
  const pruned = spec.via === 'none' ? [] : pruneChanges(cluster.context, members, changes, () => false)
  const wish = {cluster, name: cluster.context, changes: [...changes, ...pruned], set}
  const question = `Apply this to ${cluster.context}?`
  const {exit} = await changeClusters([wish], {question}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    if (run.write.wait) await waitForControlPlane(cluster, spec.via, names, run)
    if (run.write.output === undefined) run.terminal.print(await rowOf(cluster, names))
    if (asked !== raw) run.terminal.message(`Next time without questions:\n  ${commandLine(spec, run)}`)
  })
  return exit
}

async function rowOf(cluster: Cluster, {systemNamespace}: TenantNames): Promise<string> {
  const facts = await readTenants(cluster)
  const tenants = facts.tenants.filter(({namespace}) => namespace === systemNamespace)
  const own = {...facts, tenants}
  const pods = await readPods(
    cluster,
    tenants.flatMap(tenant => namespacesOf(tenant, facts)).map(({metadata}) => metadata.name),
  )
  return formatTenants(tenantRows(own, pods), undefined)
}

function preflight(
  spec: TenantSpec,
  selectors: ReturnType<typeof selectorsOf>,
  facts: TenantsFacts,
  lacksDefinitions: boolean,
  run: Run,
): void {
  const defaultValidator = facts.validators.find(({metadata}) => metadata.name === 'istiod-default-validator')
  const findings = runChecks(tenantAddChecks, {
    names: namesOf(spec),
    via: spec.via,
    namespaces: spec.namespaces,
    isDefault: spec.isDefault,
    selectors,
    tenants: facts.tenants,
    live: facts.namespaces,
    tags: facts.tags,
    defaultValidator: defaultValidator && (defaultValidator.metadata.labels?.['istio.io/rev'] ?? 'unknown'),
    lacksDefinitions,
  })
  const warnings = formatWarnings(problemsOf(findings, 'warning'))
  if (warnings !== '') run.terminal.message(warnings)
  const errors = problemsOf(findings, 'error')
  if (errors.length > 0) throw new MeshError(errors, exitCodes.refused)
}

/** What all tenants share (istio-cni, ztunnel) is made where it lacks, and else left as it is. */
async function withoutShared(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  names: TenantNames,
): Promise<KubernetesObject[]> {
  const shared = objects.filter(object => !isOwn(object, names)).map(refOf)
  const live = shared.length > 0 ? await readLive(cluster, shared) : new Map()
  return objects.filter(object => isOwn(object, names) || !live.has(refKey(refOf(object))))
}

/** Namespaces that are missing now, or that an earlier run made for this tenant. */
function ownNamespaces(spec: TenantSpec, facts: TenantsFacts): string[] {
  const {name, systemNamespace} = namesOf(spec)
  return [systemNamespace, ...spec.namespaces].filter(namespace => {
    const live = facts.namespaces.find(({metadata}) => metadata.name === namespace)
    return live === undefined || live.metadata.annotations?.[madeForAnnotation] === name
  })
}

function frameOf(spec: TenantSpec, cluster: string, own: readonly string[]): TenantFrame {
  const {mtls, via, namespaces} = spec
  return {...namesOf(spec), cluster, mtls, via, namespaces, ownNamespaces: own}
}

/** `--dry-run=client`: everything from the Spec and the tool alone; not even a kubeconfig is needed. */
async function printWithoutCluster(raw: RawTenant, context: string, run: Run): Promise<ExitCode> {
  const spec = readSpec(tenantFields, raw, tenantProblems)
  const input = await controlPlaneOf(spec)
  const {objects, definitions} = await render(spec, input, run.signal)
  const {kubeconfig} = run.access
  const cluster = context || kubeconfig.currentContext || 'cluster'
  if (context !== '') contextInfo(kubeconfig, context)
  const changes: Change[] = buildTenant(
    frameOf(spec, cluster, []),
    objects,
    definitions.map(({read}) => read()),
  )
  return printPlan([planOffline(cluster, changes, tenantApplySet(namesOf(spec).systemNamespace))], run)
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawTenant, context: string, run: Run): Promise<RawTenant> {
  const {askTenant} = await import('./questions.ts')
  return askTenant(raw, async () => readTenants(await connect(run.access, context)), run.terminal)
}

function commandLine(spec: TenantSpec, run: Run): string {
  return [run.command, ...[spec.name!, ...flagsFor(tenantFlagFields, spec)].map(shellWord), '--yes'].join(' ')
}
