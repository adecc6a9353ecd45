import {readRevision} from '../../../control-plane/revision.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {checkRights} from '../../../engine/cluster/rights/rights.ts'
import {type Change, targetOf} from '../../../engine/kubernetes/change.ts'
import {refKey, refOf} from '../../../engine/kubernetes/object.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {planOffline} from '../../../engine/plan/offline.ts'
import type {ExitCode} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {askInRun} from '../../../run/ask-missing.ts'
import {changeClusters} from '../../../run/change-clusters.ts'
import {commandLineOf, contextArguments} from '../../../run/command-line.ts'
import {printPlan} from '../../../run/print-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {reportLabelled} from '../../../run/report-unrecorded.ts'
import {connect, type Run} from '../../../run/run.ts'
import {announceRisks, settingsInput} from '../../../run/settings.ts'
import {nameWithoutCluster, withContextNamespace} from '../../../run/where.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {
  formatSettings,
  mergeSettings,
  parseSettings,
  type RiskyChange,
  readMerged,
  riskyChanges,
} from '../../../spec/settings.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {clusterNameOf, type VmFacts, type VmLocation} from '../facts.ts'
import {vmAnchorName, vmApplySet} from '../objects.ts'
import {readVmFacts} from '../read.ts'
import {formerDifferences, readRecord, storedRegistration} from '../registration.ts'
import {formatVmReport, vmReportOf} from '../report.ts'
import {appliesGateway, type SharingFacts} from '../shared/plan.ts'
import {readShared} from '../shared/read.ts'
import {waitForGateway} from '../shared/wait.ts'
import {type VmRegister, type VmRegistration, vmRegisterFields} from '../spec.ts'
import {validateVmName, validateVmRegister} from '../spec-validation.ts'
import {recordTokenExpiry} from '../token/record-expiry.ts'
import {checkBundleFolder} from '../write/check-folder.ts'
import {bundleFolder, writeBundle} from '../write/write-bundle.ts'
import {changesOf, changesWithoutFacts} from './changes.ts'
import {vmChecks} from './checks.ts'
import {vmNeeds, vmRights} from './rights.ts'

type RawVm = RawSpec<typeof vmRegisterFields>

/**
 * Registers a VM, or updates its registration, and writes the files for the machine. Settings of an earlier run that this one
 * does not mention are kept.
 *
 * @param context kubeconfig context; empty for the current one
 */
export async function registerVm(input: RawVm, context: string, requested: Run): Promise<ExitCode> {
  // A dry run may create the folder in which a later run writes a token.
  const run = {...requested, write: {...requested.write, outputMode: 0o700}}
  const raw = withContextNamespace(input, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const answered = await askInRun(vmRegisterFields, raw, run, () => askVm(raw, input, context, run))
  const location = readLocation(answered)
  const folder = bundleFolder(location.name, run.write.outputDir)
  const cluster = await connect(
    run.access,
    context,
    vmNeeds(location.namespace, location.systemNamespace, answered.gateway === true),
  )
  const {spec: recorded, risks} = await readSettings(answered, location, cluster, run)
  const spec = {...recorded, revision: await readRevision(cluster, recorded.revision)}
  // With other documents, the command does not write the files, which contain a token.
  const writesFiles = run.gate === undefined
  if (run.write.dryRun === 'none' && writesFiles) await checkBundleFolder(folder, spec.name, spec.format)
  const vm = await readVmFacts(cluster, spec, run.access)
  const facts = {...vm, shared: await readShared(cluster, spec, spec.gateway)}
  const lacking = await checkRights(cluster, vmRights(spec.namespace, spec.systemNamespace))
  const denied = lacking.length === 0 ? [] : await cluster.lacks(lacking)
  reportFindings(runChecks(vmChecks, {spec, facts, denied}), run)
  const name = clusterNameOf(facts, spec.clusterName)
  const changes = await changesOf(spec, recorded, facts, name)
  reportFormer(name, recorded, facts, changes, run)
  announceRisks(risks, run)
  const change = {cluster, name, changes, set: vmApplySet(spec)}
  const resume = resumeCommand(recorded, context, run)
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`, resume}, run, async outcomes => {
    if (outcomes.some(isIncomplete)) return
    if (!writesFiles) return reportFiles(spec, outcomes, run)
    const bundle = await writeBundle(spec, await withGateway(spec, facts, run), folder, run, false)
    const report = {...vmReportOf(spec, facts.controlPlane!.trustDomain), ...bundle}
    run.terminal.print(formatVmReport(report, run.write.output))
    await recordTokenExpiry(cluster, spec, bundle.tokenEnds, run)
  })
  return exit
}

/** After a new registration, prints how to get the files of the VM. */
function reportFiles({name, namespace}: VmRegistration, outcomes: readonly Outcome[], run: Run): void {
  if (outcomes.every(({result}) => result === 'unchanged')) return
  run.terminal.message(
    `hint:  kubectl mesh vm renew ${shellWord(name)} -n ${shellWord(namespace)} writes the files of the VM`,
  )
}

/** Where the record is. All other problems of the input are reported too if there is no name to look for. */
function readLocation(raw: RawVm): VmLocation {
  const validate = (spec: VmRegister) => (spec.name === undefined ? validateVmRegister(spec) : validateVmName(spec))
  return readSpec(vmRegisterFields, raw, validate) as VmRegister & VmLocation
}

/** The requested settings over the recorded ones. */
async function readSettings(
  requested: RawVm,
  location: VmLocation,
  cluster: Cluster,
  run: Run,
): Promise<{spec: VmRegistration; risks: RiskyChange[]}> {
  const record = await readRecord(cluster, location)
  storedRegistration(record, location)
  const input = settingsInput(vmRegisterFields, requested, record, run)
  const spec = readMerged(vmRegisterFields, input, mergeSettings(vmRegisterFields, input), readVm)
  return {spec, risks: riskyChanges(vmRegisterFields, input, spec)}
}

/** Others can write what version 0.1.0 recorded: its settings are not kept, and objects that this run does not apply stay. */
function reportFormer(
  cluster: string,
  spec: VmRegistration,
  facts: VmFacts,
  changes: readonly Change[],
  run: Run,
): void {
  const {membership, former} = facts
  const applied = new Set(changes.map(change => refKey(targetOf(change))))
  const left = former.objects.filter(object => !applied.has(refKey(refOf(object))))
  reportLabelled(cluster, membership, [...membership.unrecorded, ...left], changes, run)
  if (membership.parent) return
  const stored = parseSettings(vmRegisterFields, formatSettings(vmRegisterFields, spec))
  const lost = formerDifferences(facts, stored, spec)
  if (lost.length > 0)
    run.terminal.message([
      `warning: ConfigMap ${spec.namespace}/${vmAnchorName(spec.name)} of version 0.1.0 has other settings, which are not kept:`,
      ...lost.map(text => `  ${text}`),
    ])
}

/** The facts with the address of the gateway that this run has created. */
async function withGateway(spec: VmRegistration, facts: SharingFacts, run: Run): Promise<VmFacts> {
  if (!appliesGateway(spec, facts)) return facts
  await waitForGateway(facts.cluster, spec.systemNamespace, run)
  return readVmFacts(facts.cluster, spec, run.access)
}

function isIncomplete({result}: Outcome): boolean {
  return result === 'failed' || result === 'not tried'
}

/** Validation ensures the required fields. */
function readVm(raw: RawVm): VmRegistration {
  return readSpec(vmRegisterFields, raw, validateVmRegister) as VmRegistration
}

/** `--dry-run=client`: the changes that follow from the Spec alone. */
async function printWithoutCluster(raw: RawVm, context: string, run: Run): Promise<ExitCode> {
  const spec = readVm(raw)
  const cluster = spec.clusterName ?? nameWithoutCluster(context, run.access)
  return printPlan([planOffline(cluster, changesWithoutFacts(spec, cluster), vmApplySet(spec))], run)
}

/** The prompt library is loaded only when there are questions to ask. */
async function askVm(raw: RawVm, input: RawVm, context: string, run: Run): Promise<RawVm> {
  const stored = async (vm: VmLocation) =>
    run.write.complete ? undefined : storedRegistration(await readRecord(await connect(run.access, context), vm), vm)
  const facts = async (vm: VmLocation) => readVmFacts(await connect(run.access, context), vm, run.access)
  return (await import('./questions.ts')).askVm(raw, input, {stored, facts}, run.terminal)
}

function resumeCommand(spec: VmRegistration, context: string, run: Run): string {
  const folderFlag = run.write.outputDir === undefined ? [] : ['--output-dir', run.write.outputDir]
  return commandLineOf(vmRegisterFields, spec, run, [...contextArguments(context, run.access), ...folderFlag])
}
