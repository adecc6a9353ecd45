import {refuseRecordedChart} from '../../control-plane/values.ts'
import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import {contextsOf} from '../../engine/kubeconfig/kubeconfig.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {type ClusterPlan, hasDifferences, relabelledWarnings} from '../../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError} from '../../errors.ts'
import {problemsOf, type ReportedFinding, runChecks} from '../../findings/check.ts'
import {controlPlaneApplySet} from '../../mesh/control-plane/objects.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {hasWritten, isOutputLost, problemsAfter, refuseConflicts, withResume} from '../../run/apply-plan.ts'
import {withNextLine} from '../../run/ask-missing.ts'
import {withoutYes} from '../../run/command-line.ts'
import {confirmChange} from '../../run/confirm.ts'
import {confirmManaged} from '../../run/confirm-managed.ts'
import {printPlan, printReport} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLost, reportUnrecorded} from '../../run/report-unrecorded.ts'
import {printNext} from '../../run/review/next-steps.ts'
import {confirmPlans} from '../../run/review/review.ts'
import type {Run} from '../../run/run.ts'
import {announceRisks} from '../../run/settings.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {readMerged} from '../../spec/settings.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {detectDataPlane, detectedText} from './ambient/detect.ts'
import {applyFederation, type FederationResult} from './apply.ts'
import {openCaSource} from './ca-source.ts'
import {secretAccessFindings} from './checks-reader.ts'
import {goneWarning} from './clusters/report-gone.ts'
import {checkJoined} from './joined/joined.ts'
import {nextSteps} from './joined/report-next.ts'
import {planFederation, planWithoutClusters} from './plan.ts'
import {federationChecks} from './preflight/checks.ts'
import {completeMembers, type FactsByContext, preflight, readClusters} from './read.ts'
import {type FederationRow, federationRows, formatFederationReport} from './report.ts'
import {unlinkedWarning} from './report-links.ts'
import {replacedWarnings} from './report-replaced.ts'
import {resolveControlPlanes} from './resolve-control-planes.ts'
import {rightsWithoutClusters} from './rights.ts'
import {announceRenewals, renewCredentials} from './rotate/renew.ts'
import {readInput, readScope, replayOf, withLostObjects} from './settings/settings.ts'
import {type FederationInput, federationRisks, mergeFederation} from './settings/spec-stored.ts'
import {type Federation, federationFields, validateFederation} from './spec.ts'
import {readMemberAgain} from './stages/read-again.ts'

type RawFederation = RawSpec<typeof federationFields>

/**
 * Joins clusters into one mesh: `mesh federate`. Reads and checks all clusters, shows the changes, and applies them after
 * confirmation. Settings of earlier runs are kept unless this run changes them.
 *
 * @throws MeshError (exit 2) for wrong usage, (exit 3) if nothing was written, (exit 4) if only some changes were applied
 */
export async function federate(raw: RawFederation, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutClusters(raw, run)
  // With --yes there are no questions, not even on a terminal: the printed command line must run without them.
  const asks = run.terminal.interactive && !run.write.yes
  const named = asks ? await askContextsIfMissing(raw, run) : raw
  const scope = readScope(named, run.write.complete)
  const rights = (context: string) => rightsWithoutClusters(named, context, run)
  const facts = withLostObjects(await readClusters(scope, run, rights), run)
  const input = readInput(named, scope, facts, run)
  const answers = asks ? await askMissing(input, facts, run) : {}
  const dataPlane = detectDataPlane(input, [...facts.values()])
  run.terminal.message(detectedText(dataPlane, input))
  const complete = {...input, requested: {...(dataPlane ? {dataPlane} : {}), ...input.requested, ...answers}}
  const spec = readMerged(federationFields, complete, mergeFederation(complete), merged =>
    readSpec(federationFields, merged, validateFederation),
  )
  if (spec.controlPlane !== 'keep') await refuseRecordedChart(spec, complete)
  const hasAsked = named !== raw || Object.keys(answers).length > 0
  if (!hasAsked) return federateSpec(spec, complete, facts, hasAsked, run)
  const line = replayOf(spec, input.stored, run)
  return withNextLine(
    isDone => (isDone ? line : withoutYes(line)),
    run.terminal,
    () => federateSpec(spec, complete, withoutSnapshots(facts), hasAsked, run),
  )
}

/** Clusters may have changed while the user answered. */
function withoutSnapshots(all: FactsByContext): FactsByContext {
  return new Map([...all].map(([context, facts]) => [context, {...facts, snapshot: undefined}]))
}

async function federateSpec(
  spec: Federation,
  input: FederationInput,
  facts: FactsByContext,
  hasAsked: boolean,
  run: Run,
): Promise<ExitCode> {
  const ca = await openCaSource(spec, run.terminal)
  const all = await resolveControlPlanes(spec, await completeMembers(spec, facts), setsValues(spec, run))
  run.terminal.message(goneWarning(all, run.access.kubeconfig, run.access.sources, run.command))
  await preflight(spec, all, ca, run)
  const plans = await planFederation(spec, all, ca, run)
  reportFindings(secretAccessFindings(plans, all), run)
  for (const member of all) reportUnproved(spec, member, plans, run)
  announceRisks(federationRisks(input, spec), run)
  if (run.write.dryRun !== 'server') refuseConflicts(plans)
  run.terminal.message(relabelledWarnings(plans))
  await confirmManaged(plans, run)
  const renewals = await announceRenewals(spec, all, replayOf(spec, input.stored, run), run)
  if (run.write.dryRun === 'server') return exitWith(renewals, await printPlan(plans, run), run)
  const question = `Apply this to ${all.map(({cluster}) => cluster).join(', ')}?`
  const repeat = hasAsked ? null : replayOf(spec, input.stored, run)
  if (hasDifferences(plans)) await confirmPlans(plans, {question, repeat}, run)
  else if (renewals.length > 0) await confirmChange('Rotate these tokens?', run)
  const result = await applyFederation(spec, all, ca, plans, replayOf(spec, input.stored, run), run)
  const {after, found} = await checkAfter(spec, all, result, input, run)
  const rows = federationRows(after, result.outcomes, result.failures, found)
  printReport(formatFederationReport(rows, run.write.output), run)
  reportUnlinked(spec, rows, input, run)
  run.terminal.message(replacedWarnings(result.outcomes, all))
  reportNext(spec, all, result, run)
  const problems = problemsAfter([...[...result.failures.values()].flat(), ...result.ended], run)
  const findings = found === 'not checked' ? [] : problemsOf(found, 'error')
  if (problems.length > 0)
    throw new MeshError([...findings, ...withResume(problems, replayOf(spec, input.stored, run))], result.exit)
  if (findings.length > 0) throw new MeshError(findings, exitCodes.check)
  return isOutputLost(run) && hasWritten(result.outcomes) ? exitCodes.partly : result.exit
}

/** Whether a run determines the files with values of control planes. A mesh file always does. */
function setsValues({values}: Federation, {write: {complete, reset}}: Run): boolean {
  return values.length > 0 || complete || reset.includes('values')
}

/** A rotation is a difference too. */
function exitWith(renewals: readonly unknown[], exit: ExitCode, {write}: Run): ExitCode {
  return write.exitCode && renewals.length > 0 && exit === exitCodes.ok ? exitCodes.differences : exit
}

function reportNext(spec: Federation, all: readonly MeshMember[], result: FederationResult, run: Run): void {
  if (result.failures.size > 0) return
  printNext(nextSteps(spec, all, result.outcomes, run.connection ?? ''), result.outcomes, run)
}

/** Clusters that joined with only some of the others stay linked with these, but traffic between the rest does not flow. */
function reportUnlinked(spec: Federation, rows: readonly FederationRow[], {stored}: FederationInput, run: Run): void {
  const known = new Set(contextsOf(run.access.kubeconfig).map(({context}) => context))
  const warning = unlinkedWarning(rows, outside => {
    const contexts = outside.map(name => (known.has(name) ? name : `CONTEXT-OF-${name}`))
    return replayOf({...spec, contexts: [...spec.contexts, ...contexts]}, stored, run)
  })
  if (warning.length > 0) run.terminal.message(warning)
}

/** Of the objects that the plan adds to a record, only those of a control plane whose record is gone are reported. */
function reportUnproved(spec: Federation, member: MeshMember, plans: readonly ClusterPlan[], run: Run): void {
  const {cluster, facts, rendered, revision} = member
  const steps = plans.filter(plan => plan.cluster === cluster).flatMap(plan => plan.steps)
  const keys = new Set(steps.filter(({adopts}) => adopts).map(({ref}) => refKey(ref)))
  const isAdopted = (object: KubernetesObject) => keys.has(refKey(refOf(object)))
  const {unrecorded = [], record} = rendered ?? {}
  const all = [...(facts?.unrecorded ?? []), ...(facts?.ambient?.membership.unrecorded ?? []), ...unrecorded]
  reportUnrecorded(
    cluster,
    all.filter(object => !isAdopted(object)),
    run,
  )
  const set = controlPlaneApplySet({systemNamespace: spec.systemNamespace, revision})
  reportLost(cluster, set, unrecorded.filter(isAdopted), run, record !== undefined)
}

/** The clusters after the last write, and the errors that the checks of them found. */
interface Checked {
  after: readonly MeshMember[]
  found: ReportedFinding[] | 'not checked'
}

/**
 * Rotates the tokens that are due unless a change failed, checks the clusters, and prints warnings. They are read again unless
 * nothing has changed and nothing is found: a run that writes nothing may have waited.
 */
async function checkAfter(
  spec: Federation,
  all: readonly MeshMember[],
  {outcomes, failures, ended}: FederationResult,
  {stored}: FederationInput,
  run: Run,
): Promise<Checked> {
  const read = () => Promise.all(all.map(member => readAfter(spec, member)))
  const hasFailed = failures.size > 0 || ended.length > 0
  const isUnchanged = !hasWritten(outcomes) && !hasFailed
  const before = isUnchanged ? all : await read()
  const isRotated = !hasFailed && (await renewCredentials(spec, before, replayOf(spec, stored, run), run))
  const checked = await checkWithout(spec, isRotated ? await read() : before, failures, run)
  const isCurrent = !isUnchanged || isRotated || checked.found === 'not checked' || checked.found.length === 0
  const {after, found} = isCurrent ? checked : await checkWithout(spec, await read(), failures, run)
  if (found === 'not checked') return {after, found}
  run.terminal.message(formatWarnings(problemsOf(found, 'warning')))
  return {after, found: found.filter(({level}) => level === 'error')}
}

/** Checks the clusters that did not fail. */
async function checkWithout(
  spec: Federation,
  after: readonly MeshMember[],
  failures: FederationResult['failures'],
  run: Run,
): Promise<Checked> {
  const working = after.filter(({cluster}) => !failures.has(cluster))
  return {after, found: await checkJoined(spec, working, run)}
}

/** Reads a cluster after the last write. A cluster that does not respond has no facts; its failure is reported already. */
async function readAfter(spec: Federation, member: MeshMember): Promise<MeshMember> {
  try {
    return await readMemberAgain(spec, member, 'gateways')
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof ApiError) return {...member, facts: undefined}
    throw error
  }
}

/** The questions are loaded only on a terminal. */
async function askContextsIfMissing(raw: RawFederation, run: Run): Promise<RawFederation> {
  if (raw.contexts !== undefined) return raw
  const {askContexts} = await import('../../mesh/contexts/questions.ts')
  const {systemNamespace, revision} = raw
  return {...raw, contexts: await askContexts({systemNamespace, revision}, run)}
}

/** Asks for what neither the input nor the records have. Returns the answers. */
async function askMissing(input: FederationInput, facts: FactsByContext, {terminal}: Run): Promise<RawFederation> {
  const {askFederation} = await import('./questions/questions.ts')
  const merged = mergeFederation(input)
  // The records of joined clusters have all answers; those with the default are not stored.
  const known = input.stored.length > 0 ? {singleNetwork: false, ...merged} : merged
  const answered = await askFederation(known, {terminal, facts})
  const isAnswer = ([name, value]: [string, unknown]) => value !== known[name as keyof RawFederation]
  return Object.fromEntries(Object.entries(answered).filter(isAnswer)) as RawFederation
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
