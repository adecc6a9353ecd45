import {checkRights} from '../../../engine/cluster/rights.ts'
import {contextInfo} from '../../../engine/kubeconfig/kubeconfig.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {planOffline} from '../../../engine/plan/offline.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import type {ExitCode} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {changeClusters} from '../../../run/change-clusters.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import {printPlan} from '../../../run/print-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {connect, type Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {clusterNameOf, isAccountInUse} from '../facts.ts'
import {withContextNamespace} from '../input.ts'
import {vmApplySet} from '../objects.ts'
import {readVmFacts} from '../read.ts'
import {formatVmReport, vmReportOf} from '../report.ts'
import {type VmRegistration, vmRegisterFields} from '../spec.ts'
import {validateVmRegister} from '../spec-validation.ts'
import {bundleFolder, checkFolder, writeBundle} from '../write-bundle.ts'
import {changesOf, changesWithoutFacts} from './changes.ts'
import {vmChecks, vmRights} from './checks.ts'

type RawVm = RawSpec<typeof vmRegisterFields>

/**
 * Registers a VM, or updates its registration, and writes the files for the machine.
 *
 * @param context kubeconfig context; empty for the current one
 */
export async function registerVm(input: RawVm, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(input, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const answered = run.terminal.interactive ? await askMissing(raw, input, context, run) : raw
  const spec = readVm(answered)
  const folder = bundleFolder(spec.name, run.write.outputDir)
  if (run.write.dryRun === 'none') await checkFolder(folder)
  const cluster = await connect(run.access, context)
  const facts = await readVmFacts(cluster, spec)
  const denied = await checkRights(cluster, vmRights(spec.namespace, spec.systemNamespace))
  reportFindings(runChecks(vmChecks, {spec, facts, denied}), run)
  const name = clusterNameOf(facts, spec.clusterName)
  const changes = await changesOf(spec, facts, name)
  const pruned = pruneChanges(name, facts.created, changes, object => isAccountInUse(object, facts, spec))
  const change = {cluster, name, changes: [...changes, ...pruned], set: vmApplySet(spec)}
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`}, run, async outcomes => {
    if (outcomes.some(isIncomplete)) return
    const bundle = await writeBundle(spec, facts, folder, run, false)
    const report = {...vmReportOf(spec, facts.controlPlane!.trustDomain), ...bundle}
    run.terminal.print(formatVmReport(report, run.write.output))
    if (answered !== raw)
      run.terminal.message(['Next time without questions:', `  ${resumeCommand(spec, context, run)}`])
  })
  return exit
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
  const cluster = spec.clusterName ?? contextInfo(run.access.kubeconfig, context).context
  return printPlan([planOffline(cluster, changesWithoutFacts(spec, cluster), vmApplySet(spec))], run)
}

/** The prompt library is loaded only when there are questions to ask. */
async function askMissing(raw: RawVm, input: RawVm, context: string, run: Run): Promise<RawVm> {
  const {askVm} = await import('./questions.ts')
  return askVm(raw, input, async vm => readVmFacts(await connect(run.access, context), vm), run.terminal)
}

function resumeCommand(spec: VmRegistration, context: string, run: Run): string {
  const contextFlag = context === '' ? [] : ['--context', context]
  const folderFlag = run.write.outputDir === undefined ? [] : ['--output-dir', run.write.outputDir]
  return commandLineOf(vmRegisterFields, spec, run, [...contextFlag, ...folderFlag])
}
