import {refuseClientDryRun} from '../../run/dry-run.ts'
import type {Remove} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import type {ExitCode} from '../../errors.ts'
import {exitCodes} from '../../errors.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {connect, type Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {vmApplySet} from './objects.ts'
import {groupOfEntry, isOwn, readVmFacts} from './read.ts'
import {isUsedByOthers} from './register.ts'
import {clusterNameOf, named, whereOf, withNamespace} from './shared.ts'
import {vmRemoveFields, vmRemoveProblems} from './spec.ts'

/**
 * Takes away what a VM's registration made. Its tokens end with the Secret they hang on; entries that its machines made
 * end with the group. istiod's exposure and the mesh config stay: others use them.
 */
export async function removeVm(raw: RawSpec<typeof vmRemoveFields>, context: string, run: Run): Promise<ExitCode> {
  const said = named(readSpec(vmRemoveFields, withNamespace(raw, context, run.access), vmRemoveProblems))
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context)
  const where = await whereOf(cluster, said, raw)
  const facts = await readVmFacts(cluster, where)
  const set = vmApplySet(where)
  const name = clusterNameOf(facts, undefined)
  const members = pruneChanges(name, facts.made, [], object => isUsedByOthers(object, facts, where))
  const parent: Remove[] = facts.parent
    ? [
        {
          action: 'remove',
          cluster: name,
          wave: waves.namespaces,
          target: {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name},
        },
      ]
    : []
  const strangers = facts.groups.filter(group => group.metadata.name === where.name && !isOwn(group, where))
  if (members.length + parent.length === 0) {
    run.terminal.message(
      strangers.length > 0
        ? `WorkloadGroup ${where.namespace}/${where.name} was not made by kubectl mesh, and is left alone`
        : `nothing to remove: ${where.namespace}/${where.name} is not registered`,
    )
    return exitCodes.ok
  }
  const wish = {cluster, name, changes: [...members, ...parent], set}
  const consent = {question: `${where.name} leaves the mesh, and its tokens end.`, typed: where.name}
  const entries = facts.entries.filter(
    entry => groupOfEntry(entry) === where.name && entry.metadata.namespace === where.namespace,
  )
  const {exit} = await changeClusters([wish], consent, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed')) return
    if (entries.length > 0)
      run.terminal.message(`${entries.map(({metadata}) => metadata.name).join(', ')}: end with the group`)
    run.terminal.message(
      'on the machine: sudo sh install.sh uninstall\nistiod stays reachable through the gateway for other VMs',
    )
  })
  return exit
}
