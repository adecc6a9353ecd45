import {peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {hasDifferences} from '../../../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {ambientApplySet} from '../../../mesh/ambient/objects.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {objectsWithoutRecord} from '../../../mesh/facts.ts'
import {afterWrites, exitOf, failuresOf, problemsAfter, refuseConflicts, withResume} from '../../../run/apply-plan.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {printPlan, printRemoved, printReport} from '../../../run/print-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import {printNext} from '../../../run/review/next-steps.ts'
import {confirmPlans} from '../../../run/review/review.ts'
import type {Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {formatRemovalReport} from '../report.ts'
import {applyRemoval} from './apply.ts'
import {removalChecks} from './checks.ts'
import {planRemoval, type RemovalPlans} from './plan.ts'
import {readClusters, readHolders} from './read.ts'
import {stepsAfterRemoval} from './report-next.ts'
import {type FederationRemove, federationRemoveFields, validateFederationRemove} from './spec.ts'
import type {RemovalCluster, RemovalSubject} from './subject.ts'

/**
 * Removes clusters from a mesh. First the staying clusters remove their remote Secrets for the leaving ones and revoke their
 * tokens. Then everything that was created in the leaving clusters is removed, where they are reachable.
 *
 * @returns the exit code of a dry run or of a removal without failures; 5 if a cluster still holds a credential for one that left, or the
 *   record of one that left is missing
 * @throws MeshError for invalid input (exit 2), for a refusal (exit 3), and for failed writes, after the report
 */
export async function removeFederation(raw: RawSpec<typeof federationRemoveFields>, run: Run): Promise<ExitCode> {
  const spec = readSpec(federationRemoveFields, raw, validateFederationRemove)
  refuseClientDryRun(run)
  const subject = await readClusters(spec, run)
  for (const checks of removalChecks) reportFindings(runChecks(checks, subject), run)
  for (const {member} of [...subject.staying, ...subject.leaving])
    reportUnrecorded(member.cluster, unrecordedIn(member), run, federationApplySet(spec).contains)
  const plans = await planRemoval(subject, run)
  const all = [...plans.peers, ...plans.leavers]
  if (run.write.dryRun !== 'none') return printPlan(all, run)
  refuseConflicts(all)
  const leaving = subject.leaving.map(({member}) => member.cluster)
  const question = `This removes ${leaving.join(', ')} from the mesh.`
  if (hasDifferences(all)) await confirmPlans(all, {question, typed: leaving.join(',')}, run)
  const outcomes = await applyRemoval(plans, clustersOf(subject), recordNames(subject), run)
  const holders = await afterWrites(outcomes, run, () => readHolders(subject))
  if (run.write.output === 'name') printRemoved(outcomes, run)
  else printReport(reportText(subject, outcomes, holders, run), run)
  const exit = exitAfter(outcomes, spec, run)
  const isIncomplete = reportLeftBehind(subject, plans, run) || holders.size > 0
  printNext(stepsAfterRemoval(spec, run.connection ?? ''), outcomes, run)
  return exit === exitCodes.ok && isIncomplete ? exitCodes.check : exit
}

/**
 * Reports clusters whose record is missing or empty: nothing proves which objects are ours, so they stay, and so does the access that they
 * give to other clusters. In a staying cluster, that concerns the tokens of the leaving ones, and their exports.
 *
 * @returns whether there is one
 */
function reportLeftBehind({leaving, staying}: RemovalSubject, plans: RemovalPlans, {terminal, write, access}: Run) {
  if (write.trustLabels) return false
  const lostIn = ({member: {facts}}: RemovalCluster) => (facts ? objectsWithoutRecord(facts, access.manager) : [])
  const names = new Set(leaving.map(({member}) => member.cluster))
  const isForLeaver = ({metadata}: KubernetesObject) => names.has(metadata.annotations?.[peerAnnotation] ?? '')
  const texts = [
    ...leaving
      .filter(one => lostIn(one).length > 0)
      .map(
        ({member}) =>
          `${member.cluster}: the record of the federation ${stateOf(member)}, so its objects stay, and other clusters keep their access`,
      ),
    ...staying
      .filter(one => lostIn(one).some(isForLeaver))
      .map(
        ({member}) =>
          `${member.cluster}: the record of the federation ${stateOf(member)}, so the tokens of ${[...names].join(', ')} stay valid`,
      ),
    ...plans.lostExports.map(
      cluster => `${cluster}: the record of the imported services is missing or empty, so the imports stay`,
    ),
  ]
  for (const text of texts)
    terminal.message([
      `warning: ${text}`,
      'hint:    review the objects above, then add --trust-labels to remove them too',
    ])
  return texts.length > 0
}

/** Objects with one of our labels that no record lists. */
function unrecordedIn({facts}: RemovalCluster['member']): KubernetesObject[] {
  return [...(facts?.unrecorded ?? []), ...(facts?.ambient?.membership.unrecorded ?? [])]
}

function stateOf({facts}: RemovalCluster['member']): string {
  return facts?.record ? 'lists no objects' : 'is missing'
}

/** Names of the ConfigMaps with the records, those of earlier revisions included. */
function recordNames({spec, leaving}: RemovalSubject): Set<string> {
  const replaced = leaving.flatMap(({member}) => member.facts?.replaced ?? [])
  return new Set([
    federationApplySet(spec).name,
    ambientApplySet(spec).name,
    ...replaced.map(({metadata}) => metadata.name),
  ])
}

function clustersOf({staying, leaving}: RemovalSubject) {
  return new Map(
    [...staying, ...leaving].flatMap(({member: {cluster, facts}}) => (facts ? [[cluster, facts.cluster]] : [])),
  )
}

function reportText(
  {staying, leaving}: RemovalSubject,
  outcomes: readonly Outcome[],
  holders: ReadonlyMap<string, readonly string[]>,
  run: Run,
): string {
  return formatRemovalReport(
    [...staying, ...leaving].map(({member, error}) => ({
      member,
      reached: error === undefined,
      holders: holders.get(member.cluster) ?? [],
    })),
    new Set(leaving.map(({member}) => member.cluster)),
    outcomes,
    run.write.output,
  )
}

function exitAfter(outcomes: readonly Outcome[], spec: FederationRemove, run: Run): ExitCode {
  const failed = failuresOf(outcomes).map(([, problem]) => problem)
  const problems = problemsAfter(failed, run)
  const exit = exitOf(outcomes, problems.length > 0, run)
  if (problems.length === 0) return exit
  throw new MeshError(withResume(problems, commandLineOf(federationRemoveFields, spec, run)), exit)
}
