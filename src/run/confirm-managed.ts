import type {IfReverted} from '../engine/kubernetes/change.ts'
import {type Manager, managerOf} from '../engine/kubernetes/manager.ts'
import {nameOf} from '../engine/kubernetes/object.ts'
import type {ClusterPlan, Step} from '../engine/plan/plan.ts'
import {exitCodes, MeshError, type Problem} from '../errors.ts'
import {formatWarnings} from '../terminal/output/findings.ts'
import {confirmChange} from './confirm.ts'
import type {Run} from './run.ts'

/** Kinds that hold text which other tools manage as a whole: mesh configs, Corefiles, CA certificates, OpenShift's DNS. */
const kinds: readonly string[] = ['ConfigMap', 'Secret', 'DNS']

/**
 * Reports changes of objects that another tool manages and would revert, with the consequence and the durable way. The user
 * confirms them separately: by an answer, or by `--overwrite-managed`. `--yes` is not sufficient.
 *
 * @throws MeshError (exit 3) without that confirmation
 */
export async function confirmManaged(plans: readonly ClusterPlan[], run: Run): Promise<void> {
  const problems = plans.flatMap(({cluster, steps}) => steps.flatMap(step => revertedChange(cluster, step)))
  if (problems.length === 0) return
  const {terminal, write} = run
  if (write.overwriteManaged || write.dryRun === 'server') return terminal.message(formatWarnings(problems))
  if (write.yes || !terminal.interactive) throw new MeshError(problems.map(withFlag), exitCodes.refused)
  terminal.message(formatWarnings(problems))
  await confirmChange('Change what another tool manages?', run)
}

function withFlag({message, hints = []}: Problem): Problem {
  return {message, hints: [...hints, 'add --overwrite-managed to change it anyway']}
}

/** The problem of a step that changes an existing object which another tool manages. */
function revertedChange(cluster: string, {change, verdict, live, ref}: Step): Problem[] {
  if (verdict !== 'update' || !live || !kinds.includes(ref.kind) || change.action === 'remove') return []
  if (change.action === 'edit' && change.undoes) return []
  const manager = managerOf(live)
  if (!manager) return []
  const {ifReverted} = change.action === 'edit' ? change : {}
  const place = ref.namespace ? `${nameOf(ref)} in ${ref.namespace}` : nameOf(ref)
  return [
    {
      message: `${cluster}: ${place} is managed by ${manager.name}, which reverts this change ${manager.when}${effectOf(ifReverted)}`,
      hints: hintsFor(manager, ifReverted),
    },
  ]
}

function effectOf(ifReverted: IfReverted | undefined): string {
  return ifReverted ? `; then ${ifReverted.effect}` : ''
}

function hintsFor(manager: Manager, ifReverted: IfReverted | undefined): string[] {
  return ifReverted?.instead(manager) ?? ['make the change where that tool reads it']
}
