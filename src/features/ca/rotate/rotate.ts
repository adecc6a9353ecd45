import type {Outcome} from '../../../engine/plan/apply.ts'
import {type ExitCode, exitCodes, refusedError} from '../../../errors.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {readCaSecret} from '../../../mesh/ca/objects.ts'
import {promoteNext} from '../../../pki/folder/next.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {exitAfterChange, stoppedBy} from '../../../run/apply-plan.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import {confirmChange} from '../../../run/confirm.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {holdLeases} from '../../../run/lease/leased.ts'
import {writeInTurn} from '../../../run/lease/write-in-turn.ts'
import type {Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readOwnCa} from '../change/checks.ts'
import {showReview} from '../change/show-review.ts'
import {goalOf, type Move, moveOf, nameOf, type Stage} from './istio-stages.ts'
import {buildStage} from './objects.ts'
import {type Material, openMaterial, type Prepared, prepareRotation, type StagedMember} from './prepare.ts'
import {formatStages, requestText, type StageRow} from './report.ts'
import {settle} from './settle.ts'
import {type CaRotate, caRotateFields, validateCaRotate} from './spec.ts'

/**
 * Changes the root of a mesh by one stage: `mesh ca rotate`. Before any cluster enters a stage, every proxy of all clusters holds what the
 * stage before requires. Clusters change one after the other.
 *
 * @throws MeshError (exit 2) for invalid input, (exit 3) if nothing was written, (exit 4) if the run stopped
 */
export async function rotateRoot(raw: RawSpec<typeof caRotateFields>, run: Run): Promise<ExitCode> {
  const spec = readSpec(caRotateFields, raw, validateCaRotate)
  refuseClientDryRun(run)
  const prepared = await prepareRotation(spec, run)
  const move = requireMove(prepared, spec, run)
  const rows = prepared.members.map(({name, stage, proxies}, at) => {
    return {name, stage, to: move?.members.includes(at) ? move.to : undefined, proxies: proxies.length}
  })
  if (run.write.dryRun === 'server') {
    run.terminal.print(formatStages(rows), 'text')
    return move && run.write.exitCode ? exitCodes.differences : exitCodes.ok
  }
  const isOtherCa = ({stage, to}: StageRow) =>
    (stage === 'trust' && to === 'issue') || (stage === 'issue' && to === 'trust')
  const replaced = rows.filter(isOtherCa).map(({name}) => name)
  showReview(formatStages(rows), replaced, spec.systemNamespace, run)
  const outcomes: Outcome[] = []
  try {
    if (move) await changeStage(move, prepared, spec, run, outcomes)
    await finish(move, prepared, run)
  } catch (error) {
    throw stoppedBy(error, outcomes, commandLineOf(caRotateFields, spec, run), run)
  }
  return exitAfterChange(run)
}

/** Undefined if no cluster changes. */
function requireMove({members}: Prepared, {stage, revert}: CaRotate, run: Run): Move | undefined {
  const requested = stage === 'next' ? undefined : stage
  const found = moveOf(
    members.map(one => one.stage),
    {stage: requested, revert},
  )
  if ('to' in found) return found.members.length > 0 ? found : undefined
  if (found.problem !== undefined) throw refusedError(found.problem)
  run.terminal.message(found.message ?? '')
  return undefined
}

async function changeStage(
  {to, members: indexes}: Move,
  prepared: Prepared,
  spec: CaRotate,
  run: Run,
  outcomes: Outcome[],
): Promise<void> {
  const {members} = prepared
  const changed = indexes.map(at => members[at]!)
  const total = changed.reduce((sum, {proxies}) => sum + proxies.length, 0)
  await confirmChange(`${questions[to]} (${requestText(total)})?`, run)
  await holdLeases(
    members.map(({name, cluster, systemNamespace}) => ({name, cluster, namespace: systemNamespace})),
    run,
  )
  const material = await openMaterial(prepared, spec, run)
  for (const member of members) if (prepared.hasNext) await settleAt(member, member.stage, material, run)
  for (const member of changed) {
    run.terminal.message(`${member.name}: ${requestText(member.proxies.length)}`)
    const after = await enter(member, to, material, run, outcomes)
    const proxies = await settleAt(after, to, material, run)
    run.terminal.print(
      `${member.name}: stage ${to === 'old' ? 'trust reverted' : `${nameOf(to)} complete`}, ${proxies} proxies`,
      'text',
    )
  }
}

const questions: Readonly<Record<Stage, string>> = {
  old: 'Remove the new root from all clusters',
  trust: 'Trust both roots, with CAs below the old one',
  issue: 'Replace the CAs of clusters by CAs below the new root',
  new: 'Remove the old root from all clusters',
}

/** Writes the stage of one cluster. */
async function enter(
  member: StagedMember,
  stage: Stage,
  material: Material,
  run: Run,
  outcomes: Outcome[],
): Promise<StagedMember> {
  const {name, cluster, systemNamespace} = member
  const isBelow = member.stage === 'old' || member.stage === 'trust' ? 'old' : 'next'
  const change = buildStage(member, {stage, isBelow, cas: material.casOf(name)})
  await writeInTurn({name, cluster, set: federationApplySet({systemNamespace})}, [change], run, outcomes)
  return {...member, stage, data: readCaSecret(change.object)}
}

function settleAt(member: StagedMember, stage: Stage, {old, next}: Material, run: Run): Promise<number> {
  const {own} = readOwnCa(member.data) as {own: Certificate}
  return settle(member, {stage, goal: goalOf(stage, old, next), ca: own}, run)
}

/** At the end, the new root takes the place of the old one in the CA folder. */
async function finish(move: Move | undefined, {dir, members, hasNext}: Prepared, run: Run): Promise<void> {
  const isEnd = move ? move.to === 'new' : members.every(({stage}) => stage === 'new')
  if (!isEnd || !hasNext) return
  const former = await promoteNext(dir)
  const [root] = readCertificates(members[0]!.data?.['root-cert.pem'] ?? '', 'root-cert.pem')
  run.terminal.message([
    `the root of the mesh is ${root!.fingerprint}`,
    `hint:  ${former} contains the former root; delete its root-key.pem once you do not need it`,
  ])
}
