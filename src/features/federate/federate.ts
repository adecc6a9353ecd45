import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import {hasDifferences} from '../../engine/plan/plan.ts'
import {type ExitCode, MeshError, type Problem} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {initCa} from '../../mesh/ca/create-root.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {readFederationFacts} from '../../mesh/read.ts'
import {refuseConflicts} from '../../run/apply-plan.ts'
import {commandLineOf} from '../../run/command-line.ts'
import {confirmChange} from '../../run/confirm.ts'
import {printPlan, showBeforeApply} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {applyFederation, type Federated} from './apply.ts'
import {openCaSource} from './ca-source.ts'
import {withRendered} from './control-planes.ts'
import {clusterOf, planFederation, planWithoutClusters} from './plan.ts'
import {federationChecks} from './preflight/checks.ts'
import {preflight, readClusters} from './read.ts'
import {federationRows, formatFederationReport} from './report.ts'
import {type Federation, federationFields, federationProblems} from './spec.ts'

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
    if (asked !== raw) run.terminal.message(`Next time without questions:\n  ${commandLineOf(federationFields, spec, run)}`)
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
  const after = await Promise.all(all.map(member => readAfter(spec, member)))
  const rows = federationRows(after, federated.outcomes, new Set(federated.troubles.keys()))
  run.terminal.print(formatFederationReport(rows, run.write.output))
  if (federated.troubles.size > 0) throw new MeshError(troublesOf(federated, commandLineOf(federationFields, spec, run)), federated.exit)
  return federated.exit
}

/** What a cluster looks like after the last write; one that no longer answers has no facts, and its failure is told. */
async function readAfter(spec: Federation, member: MeshMember): Promise<MeshMember> {
  try {
    return resolveMember(spec, member.context, await readFederationFacts(clusterOf(member), spec))
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof ApiError) return {...member, facts: undefined}
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
  const {askFederation} = await import('./questions.ts')
  const {access, terminal} = run
  return askFederation(raw, {
    terminal,
    kubeconfig: access.kubeconfig,
    connect: (context, requestTimeout) => connect(requestTimeout ? {...access, requestTimeout} : access, context),
    makeRoot: async () => (await initCa({keyType: 'ecdsa-p256'}, terminal)).folder,
  })
}

/** `--dry-run=client`: everything from the Spec alone, no cluster is asked. */
async function printWithoutClusters(raw: RawFederation, run: Run): Promise<ExitCode> {
  const spec = readSpec(federationFields, raw, federationProblems)
  const ca = await openCaSource(spec, run.terminal)
  const all = await withRendered(
    spec,
    spec.contexts.map(context => resolveMember(spec, context, undefined)),
  )
  const offline = federationChecks.filter(({id}) => id === 'cluster-names')
  reportFindings(runChecks(offline, {spec, all, denied: new Map(), roots: ca.roots, now: new Date()}), run)
  return printPlan(await planWithoutClusters(spec, all, ca, run), run)
}
