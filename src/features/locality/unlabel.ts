import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, refusedError} from '../../errors.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {connect, type Run} from '../../run/run.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {count} from '../../text/count.ts'
import {namesInShort} from '../../text/short-names.ts'
import {buildNodeUndo} from './label/objects-undo.ts'
import {requireNodeRights} from './label/rights.ts'
import {type LocalityUnlabel, localityUnlabelFields, validateLocalityUnlabel} from './label/spec-unlabel.ts'
import {labelSet, reportRestarts} from './label.ts'

const nodeKind = {apiVersion: 'v1', kind: 'Node'} as const

type RawUnlabel = RawSpec<typeof localityUnlabelFields>

/**
 * Restores the labels that nodes had before `mesh locality label`.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a node does not exist or a write fails
 */
export async function unlabelNodes(raw: RawUnlabel, context: string, run: Run): Promise<ExitCode> {
  refuseClientDryRun(run)
  const answered = await askInRun(localityUnlabelFields, raw, run, one => askUnlabel(one, context, run))
  const spec = readSpec(localityUnlabelFields, answered, validateLocalityUnlabel)
  const cluster = await connect(run.access, context)
  const nodes = await cluster.list(nodeKind, spec.selector === undefined ? {} : {labelSelector: spec.selector})
  const name = clusterNameFrom(cluster.context)
  const undos = selectedNodes(spec, nodes, name).flatMap(node => buildNodeUndo(name, node) ?? [])
  if (undos.length === 0) {
    const existing = nodes.filter(node => buildNodeUndo(name, node)).map(({metadata}) => metadata.name)
    const what = 'record of kubectl mesh locality label for these nodes'
    return reportAbsent({what, where: name, plural: 'nodes with a record', existing}, run)
  }
  run.terminal.message(
    undos.flatMap(({edit, changed}) =>
      changed.map(
        ({key, value, set}) =>
          `warning: ${name}: label ${key} of node ${edit.target.name} is ${value}; kubectl-mesh had set ${set}. It stays`,
      ),
    ),
  )
  if (run.write.dryRun === 'none') await requireNodeRights(cluster)
  const change = {cluster, name, changes: undos.map(({edit}) => edit), set: labelSet, known: nodes}
  const question = `Restore the labels of ${count(undos.length, 'node')} of ${name}?`
  const {exit} = await changeClusters([change], {question}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    run.terminal.message(`the labels of ${count(undos.length, 'node')} are restored`)
    await reportRestarts(cluster, run)
  })
  return exit
}

/** @throws MeshError (exit 3) if a named node does not exist */
function selectedNodes(spec: LocalityUnlabel, nodes: readonly KubernetesObject[], cluster: string): KubernetesObject[] {
  if (spec.nodes.length === 0) return [...nodes]
  const names = new Set(nodes.map(({metadata}) => metadata.name))
  const missing = spec.nodes.filter(node => !names.has(node))
  if (missing.length > 0) throw refusedError(`${cluster}: no such node: ${namesInShort(missing)}`, 'kubectl get nodes')
  return nodes.filter(({metadata}) => spec.nodes.includes(metadata.name))
}

/** Questions are loaded only on a terminal. */
async function askUnlabel(raw: RawUnlabel, context: string, run: Run): Promise<RawUnlabel> {
  const questions = await import('./label/questions.ts')
  return questions.askUnlabel(raw, async () => (await connect(run.access, context)).list(nodeKind), run.terminal)
}
