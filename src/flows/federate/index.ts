import {runChecks} from '../../checks/check.ts'
import {federationChecks} from '../../checks/federation.ts'
import {ApiError, UnreachableError} from '../../cluster/errors.ts'
import {type ExitCode, MeshError, type Problem} from '../../errors.ts'
import {readFederationFacts} from '../../facts/federation.ts'
import {type Joining, resolveJoining} from '../../facts/members.ts'
import {federationRows, formatFederationReport} from '../../output/federation-report.ts'
import {hasDifferences} from '../../plan/plan.ts'
import {caInitFields} from '../../specs/ca.ts'
import {type Federation, federationFields, federationProblems} from '../../specs/federation.ts'
import {flagsThatSay, type RawSpec, readSpec, shellWord} from '../../specs/read.ts'
import {refuseConflicts} from '../apply-plan.ts'
import {initCa} from '../ca/init.ts'
import {confirmChange} from '../confirm.ts'
import {printPlan, showBeforeApply} from '../print-plan.ts'
import {connect, type Run} from '../run.ts'
import {applyFederation, type Federated} from './apply.ts'
import {openCaSource} from './ca-source.ts'
import {withRendered} from './control-planes.ts'
import {clusterOf, planFederation, planWithoutClusters} from './plan.ts'
import {preflight, readClusters, tell} from './read.ts'

type RawFederation = RawSpec<typeof federationFields>

/** Joins clusters into one mesh: reads all, checks all, shows the difference, and after a yes makes it so. */
export async function federate(raw: RawFederation, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutClusters(raw, run)
  // --yes is "without asking": the command line of `Next time` must not meet a question, in a terminal either
  const asked = run.terminal.interactive && !run.write.yes ? await askMissing(raw, run) : raw
  const spec = readSpec(federationFields, asked, federationProblems)
  try {
    return await federateSpec(spec, run)
  } finally {
    // also when it failed: nobody wants to answer twice
    if (asked !== raw) run.terminal.talk(`Next time without questions:\n  ${commandLine(spec, run)}`)
  }
}

async function federateSpec(spec: Federation, run: Run): Promise<ExitCode> {
  const ca = await openCaSource(spec, run.terminal)
  const all = await withRendered(spec, await readClusters(spec, run))
  await preflight(spec, all, ca, run)
  const plans = await planFederation(spec, all, ca, run)
  if (run.write.dryRun === 'server') return printPlan(plans, run)
  refuseConflicts(plans)
  if (hasDifferences(plans)) {
    await showBeforeApply(plans, run)
    await confirmChange(`Apply this to ${all.map(({cluster}) => cluster).join(', ')}?`, run)
  }
  const federated = await applyFederation(spec, all, ca, plans, run)
  const after = await Promise.all(all.map(joining => readAfter(spec, joining)))
  const rows = federationRows(after, federated.outcomes, new Set(federated.troubles.keys()))
  run.terminal.print(formatFederationReport(rows, run.write.output))
  if (federated.troubles.size > 0) throw new MeshError(troublesOf(federated, commandLine(spec, run)), federated.exit)
  return federated.exit
}

/** What a cluster looks like after the last write; one that no longer answers has no facts, and its failure is told. */
async function readAfter(spec: Federation, joining: Joining): Promise<Joining> {
  try {
    return resolveJoining(spec, joining.context, await readFederationFacts(clusterOf(joining), spec))
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof ApiError) return {...joining, facts: undefined}
    throw error
  }
}

/** What failed, and how to go on. */
function troublesOf({troubles}: Federated, again: string): Problem[] {
  const problems = [...troubles.values()].flat()
  const last = problems.at(-1)!
  return [...problems.slice(0, -1), {...last, hints: [...(last.hints ?? []), `to go on: ${again}`]}]
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawFederation, run: Run): Promise<RawFederation> {
  const {askFederation} = await import('../../questions/federation.ts')
  const {access, terminal} = run
  return askFederation(raw, {
    terminal,
    kubeconfig: access.kubeconfig,
    connect: (context, requestTimeout) => connect(requestTimeout ? {...access, requestTimeout} : access, context),
    makeRoot: async () => (await initCa(readSpec(caInitFields, {}), terminal)).folder,
  })
}

/** `--dry-run=client`: everything from the Spec alone, no cluster is asked. */
async function printWithoutClusters(raw: RawFederation, run: Run): Promise<ExitCode> {
  const spec = readSpec(federationFields, raw, federationProblems)
  const ca = await openCaSource(spec, run.terminal)
  const all = await withRendered(
    spec,
    spec.contexts.map(context => resolveJoining(spec, context, undefined)),
  )
  const offline = federationChecks.filter(({id}) => id === 'cluster-names')
  tell(runChecks(offline, {spec, all, denied: new Map(), roots: ca.roots, now: new Date()}), run)
  return printPlan(await planWithoutClusters(spec, all, ca, run), run)
}

function commandLine(spec: Federation, run: Run): string {
  return [run.command, ...flagsThatSay(federationFields, spec).map(shellWord), '--yes'].join(' ')
}
