import {commandLineOf} from '../../run/command-line.ts'
import {checkRights} from '../../engine/cluster/rights.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, exitCodes, MeshError} from '../../errors.ts'
import {problemsOf, type ReportedFinding, runChecks} from '../../findings/check.ts'
import {istiodHost} from '../../mesh/objects-expose-istiod.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printPlan} from '../../run/print-plan.ts'
import {connect, type Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {vmChecks, vmRights} from './checks.ts'
import {buildVm, type VmWorkload, vmApplySet, vmLabels} from './objects.ts'
import {holderOf, isOwn, readVmFacts, type VmFacts} from './read.ts'
import type {NamedVm} from './read-bundle.ts'
import {formatVmReport} from './report.ts'
import {clusterNameOf, withNamespace} from './shared.ts'
import {clusterServiceOf, vmRegisterFields, vmRegisterProblems} from './spec.ts'
import {rememberVm} from './spec-memory.ts'
import {bundleFolder, checkFolder, writeBundle} from './write-bundle.ts'

type RawVm = RawSpec<typeof vmRegisterFields>

/** Registers a VM, or completes or changes a registration, and writes the files for the machine. `context` '' is the current one. */
export async function registerVm(said: RawVm, context: string, run: Run): Promise<ExitCode> {
  const raw = withNamespace(said, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const asked = run.terminal.interactive ? await askMissing(raw, said, context, run) : raw
  const spec = readVm(asked)
  const folder = bundleFolder(spec.name, run.write.outputDir)
  if (run.write.dryRun === 'none') await checkFolder(folder)
  const cluster = await connect(run.access, context)
  const facts = await readVmFacts(cluster, spec)
  const denied = await checkRights(cluster, vmRights(spec.namespace, spec.systemNamespace))
  tell(runChecks(vmChecks, {spec, facts, denied}), run)
  const name = clusterNameOf(facts, spec.clusterName)
  const changes = await changesOf(spec, facts, name)
  const pruned = pruneChanges(name, facts.made, changes, object => isUsedByOthers(object, facts, spec))
  const wish = {cluster, name, changes: [...changes, ...pruned], set: vmApplySet(spec)}
  const again = commandLine(spec, context, run)
  const {exit} = await changeClusters([wish], {question: `Apply this to ${name}?`}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    const {folder: place, files, tokenEnds} = await writeBundle(spec, facts, folder, run, false)
    run.terminal.print(formatVmReport({...reportOf(spec, facts), folder: place, files, tokenEnds}, run.write.output))
    if (asked !== raw) run.terminal.message(`Next time without questions:\n  ${again}`)
  })
  return exit
}

/** What a report says beside the files. */
export function reportOf(spec: NamedVm, facts: VmFacts) {
  const {name, namespace, serviceAccount, format} = spec
  return {
    name,
    namespace,
    format,
    identity: `spiffe://${facts.plane!.trustDomain}/ns/${namespace}/sa/${serviceAccount}`,
    istiod: `${istiodHost(spec)}:15012`,
  }
}

function readVm(raw: RawVm): NamedVm {
  // its problems include a name, a namespace and an account that are missing
  return readSpec(vmRegisterFields, raw, vmRegisterProblems) as NamedVm
}

/** Warnings to stderr; errors thrown (exit 3). */
function tell(findings: readonly ReportedFinding[], run: Run): void {
  const warnings = formatWarnings(problemsOf(findings, 'warning'))
  if (warnings !== '') run.terminal.message(warnings)
  const errors = problemsOf(findings, 'error')
  if (errors.length > 0) throw new MeshError(errors, exitCodes.refused)
}

/** All changes of a registration; what others made and already fits is left out. */
async function changesOf(spec: NamedVm, facts: VmFacts, cluster: string): Promise<Change[]> {
  const account = facts.accounts.get(spec.serviceAccount)
  const free = spec.hosts.filter(host => {
    const holder = holderOf(facts, host, spec.clusterDomain)
    return !holder || isOwn(holder, spec)
  })
  const make = {serviceAccount: !account || isOwn(account, spec), exposure: !facts.exposed, hosts: free}
  return [...buildVm(workloadOf(spec, cluster, make)), ...(await dnsCaptureOf(spec, facts, cluster))]
}

function workloadOf(spec: NamedVm, cluster: string, make: VmWorkload['make']): VmWorkload {
  return {...spec, cluster, labels: vmLabels(spec.name, spec.labels), make, remember: {cluster, spec: rememberVm(spec)}}
}

/** Pods need DNS capture only for hosts that the cluster's own DNS does not have. */
async function dnsCaptureOf(spec: NamedVm, facts: VmFacts, cluster: string): Promise<Change[]> {
  const isForeign = spec.hosts.some(host => clusterServiceOf(host, spec.clusterDomain) === undefined)
  if (!isForeign || !spec.captureDns || facts.plane?.capturesDns) return []
  // it loads a YAML library that keeps comments
  const {buildDnsCapture} = await import('../../mesh/dns/objects-capture.ts')
  return [buildDnsCapture({cluster, systemNamespace: spec.systemNamespace, revision: spec.revision})]
}

/** An account of ours stays as long as other workloads here have its identity. */
export function isUsedByOthers(
  object: KubernetesObject,
  facts: VmFacts,
  where: {name: string; namespace: string},
): boolean {
  if (object.kind !== 'ServiceAccount') return false
  const workloads = [...facts.groups, ...facts.entries.filter(({metadata}) => metadata.namespace === where.namespace)]
  return workloads.some(workload => {
    const spec = workload.spec as {serviceAccount?: string; template?: {serviceAccount?: string}}
    const account = spec.serviceAccount ?? spec.template?.serviceAccount
    return account === object.metadata.name && !isOwn(workload, where) && !isOfGroup(workload, where.name)
  })
}

/** An entry that the group's machines made; it goes with the group. */
function isOfGroup({metadata}: KubernetesObject, group: string): boolean {
  return metadata.ownerReferences?.some(({kind, name}) => kind === 'WorkloadGroup' && name === group) ?? false
}

/** `--dry-run=client`: everything from the Spec alone, as if nothing were there yet. */
async function printWithoutCluster(raw: RawVm, context: string, run: Run): Promise<ExitCode> {
  const spec = readVm(raw)
  const cluster = spec.clusterName ?? contextInfo(run.access.kubeconfig, context).context
  const make = {serviceAccount: true, exposure: true, hosts: spec.hosts}
  const changes = buildVm(workloadOf(spec, cluster, make))
  return printPlan([planOffline(cluster, changes, vmApplySet(spec))], run)
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawVm, said: RawVm, context: string, run: Run): Promise<RawVm> {
  const {askVm} = await import('./questions.ts')
  return askVm(raw, said, async where => readVmFacts(await connect(run.access, context), where), run.terminal)
}

function commandLine(spec: NamedVm, context: string, run: Run): string {
  const where = context === '' ? [] : ['--context', context]
  const dir = run.write.outputDir === undefined ? [] : ['--output-dir', run.write.outputDir]
  return commandLineOf(vmRegisterFields, spec, run, [...where, ...dir])
}
