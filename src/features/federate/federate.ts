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
import {applyFederation, type FederationResult} from './apply.ts'
import {openCaSource} from './ca-source.ts'
import {clusterOf, planFederation, planWithoutClusters} from './plan.ts'
import {federationChecks} from './preflight/checks.ts'
import {preflight, readClusters} from './read.ts'
import {federationRows, formatFederationReport} from './report.ts'
import {resolveControlPlanes} from './resolve-control-planes.ts'
import {type Federation, federationFields, validateFederation} from './spec.ts'

type RawFederation = RawSpec<typeof federationFields>

/**
 * Joins clusters into one mesh: `mesh federate`. Reads and checks all clusters, shows the changes, and applies them after
 * confirmation.
 *
 * @throws MeshError (exit 2) for wrong usage, (exit 3) if nothing was written, (exit 4) if only some changes were applied
 */
export async function federate(raw: RawFederation, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutClusters(raw, run)
  // With --yes there are no questions, not even on a terminal: the printed command line must run without them.
  const answered = run.terminal.interactive && !run.write.yes ? await askMissing(raw, run) : raw
  const spec = readSpec(federationFields, answered, validateFederation)
  try {
    return await federateSpec(spec, run)
  } finally {
    // Also after a failure, so that the user does not have to answer again.
    if (answered !== raw)
      run.terminal.message(['Next time without questions:', `  ${commandLineOf(federationFields, spec, run)}`])
  }
}

async function federateSpec(spec: Federation, run: Run): Promise<ExitCode> {
  const ca = await openCaSource(spec, run.terminal)
  const all = await resolveControlPlanes(spec, await readClusters(spec, run))
  await preflight(spec, all, ca, run)
  const plans = await planFederation(spec, all, ca, run)
  if (run.write.dryRun === 'server') return printPlan(plans, run)
  refuseConflicts(plans)
  if (hasDifferences(plans)) {
    await showBeforeApply(plans, run)
    await confirmChange(`Apply this to ${all.map(({cluster}) => cluster).join(', ')}?`, run)
  }
  const result = await applyFederation(spec, all, ca, plans, run)
  const after = await Promise.all(all.map(member => readAfter(spec, member)))
  const rows = federationRows(after, result.outcomes, new Set(result.failures.keys()))
  run.terminal.print(formatFederationReport(rows, run.write.output))
  if (result.failures.size > 0)
    throw new MeshError(problemsOf(result, commandLineOf(federationFields, spec, run)), result.exit)
  return result.exit
}

/** Reads a cluster after the last write. A cluster that does not respond has no facts; its failure is reported already. */
async function readAfter(spec: Federation, member: MeshMember): Promise<MeshMember> {
  try {
    return resolveMember(spec, member.context, await readFederationFacts(clusterOf(member), spec))
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof ApiError) return {...member, facts: undefined}
    throw error
  }
}

/** All failures, with the command that continues as the last hint. */
function problemsOf({failures}: FederationResult, resumeCommand: string): Problem[] {
  const problems = [...failures.values()].flat()
  const last = problems.at(-1)!
  return [...problems.slice(0, -1), {...last, hints: [...(last.hints ?? []), `to continue: ${resumeCommand}`]}]
}

/** The questions are loaded only on a terminal. */
async function askMissing(raw: RawFederation, run: Run): Promise<RawFederation> {
  const {askFederation} = await import('./questions.ts')
  const {access, terminal} = run
  return askFederation(raw, {
    terminal,
    kubeconfig: access.kubeconfig,
    connect: (context, requestTimeout) => connect(requestTimeout ? {...access, requestTimeout} : access, context),
    createRoot: async () => (await initCa({keyType: 'ecdsa-p256'}, terminal)).folder,
  })
}

/** `--dry-run=client`: plans from the Spec alone. No cluster is read. */
async function printWithoutClusters(raw: RawFederation, run: Run): Promise<ExitCode> {
  const spec = readSpec(federationFields, raw, validateFederation)
  const ca = await openCaSource(spec, run.terminal)
  const all = await resolveControlPlanes(
    spec,
    spec.contexts.map(context => resolveMember(spec, context, undefined)),
  )
  const offline = federationChecks.filter(({id}) => id === 'cluster-names')
  reportFindings(runChecks(offline, {spec, all, denied: new Map(), roots: ca.roots, now: new Date()}), run)
  return printPlan(await planWithoutClusters(spec, all, ca, run), run)
}
