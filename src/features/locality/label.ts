import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {type ExitCode, usageError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {askInRun} from '../../run/ask-missing.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameWithoutCluster} from '../../run/where.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {count} from '../../text/count.ts'
import {cannotRead} from '../../text/file-errors.ts'
import {readText} from '../../text/read-text.ts'
import {localityApplySet} from './balance/objects.ts'
import {restartCommand} from './checks-mesh.ts'
import type {Locality} from './istio.ts'
import {labelChecks, requestedLocalities} from './label/checks.ts'
import {buildNodeLabels} from './label/objects.ts'
import {readSystemNamespaces} from './label/read.ts'
import {requireNodeRights} from './label/rights.ts'
import {type LocalityLabel, localityLabelFields, validateLocalityLabel} from './label/spec.ts'
import {parseLocalityFile} from './label/spec-file.ts'

/** Required by the plan, but unused: labels are edits, and edits create no members. */
export const labelSet = localityApplySet({systemNamespace: 'default', revision: undefined})

const nodeKind = {apiVersion: 'v1', kind: 'Node'} as const

type RawLabel = RawSpec<typeof localityLabelFields>

/**
 * Labels nodes with their localities.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function labelNodes(raw: RawLabel, context: string, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const answered = await askInRun(localityLabelFields, raw, run, one => askLabel(one, context, run))
  const spec = readSpec(localityLabelFields, answered, validateLocalityLabel)
  const localities = await readFileOf(spec)
  const cluster = await connect(run.access, context)
  const nodes = await cluster.list(nodeKind, spec.selector === undefined ? {} : {labelSelector: spec.selector})
  const subject = {spec, nodes, localities}
  reportFindings(runChecks(labelChecks, subject), run)
  const name = clusterNameFrom(cluster.context)
  const requested = requestedLocalities(subject)
  const changes = editsOf(name, requested)
  if (changes.length > 0 && run.write.dryRun === 'none') await requireNodeRights(cluster)
  const change = {cluster, name, changes, set: labelSet, known: nodes}
  const question = `Label ${count(changes.length, 'node')} of ${name}?`
  // `--overwrite` has confirmed that labels of other field managers are replaced.
  const forced = {...run, write: {...run.write, force: run.write.force || spec.overwrite}}
  const {exit} = await changeClusters([change], {question}, forced, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    await reportLabels(cluster, changes.length, requested.size, run)
  })
  return exit
}

function editsOf(cluster: string, requested: ReadonlyMap<KubernetesObject, Locality>): Edit[] {
  return [...requested].flatMap(([node, locality]) => buildNodeLabels(cluster, node, locality) ?? [])
}

async function readFileOf(spec: LocalityLabel): Promise<Map<string, Locality>> {
  if (spec.from === undefined) return new Map()
  return parseLocalityFile(await readText(spec.from).catch(cannotRead(spec.from)), spec.from)
}

async function reportLabels(cluster: Cluster, labelled: number, requested: number, run: Run): Promise<void> {
  run.terminal.message(
    `${count(labelled, 'node')} labelled; ${requested - labelled} of ${requested} already had the requested labels`,
  )
  if (labelled > 0) await reportRestarts(cluster, run)
}

/** Prints how running pods get the new locality of their node. */
export async function reportRestarts(cluster: Cluster, {terminal}: Pick<Run, 'terminal'>): Promise<void> {
  const found = await readSystemNamespaces(cluster)
  const namespaces = found.length > 0 ? found : ['SYSTEM_NAMESPACE']
  terminal.message([
    'hint:  istiod reads the locality of a pod when the pod or istiod starts. For running pods:',
    ...namespaces.map(systemNamespace => `  ${restartCommand({systemNamespace})}`),
  ])
}

/** `--dry-run=client`: the nodes that are listed by name. Only a cluster knows which nodes match a pattern or selector. */
async function printWithoutCluster(raw: RawLabel, context: string, run: Run): Promise<ExitCode> {
  const spec = readSpec(localityLabelFields, raw, validateLocalityLabel)
  if (spec.all || spec.selector !== undefined || spec.pattern.length > 0)
    throw usageError(
      '--all, --selector and --pattern depend on the nodes of the cluster, which --dry-run=client does not read',
      '--dry-run=server changes nothing either',
    )
  const name = nameWithoutCluster(context, run.access)
  const localities = await readFileOf(spec)
  const names = [...new Set([...spec.nodes, ...localities.keys()])]
  const nodes = names.map((node): KubernetesObject => ({...nodeKind, metadata: {name: node}}))
  const changes = editsOf(name, requestedLocalities({spec, nodes, localities}))
  return printPlan([planOffline(name, changes, labelSet)], run)
}

/** Questions are loaded only on a terminal. */
async function askLabel(raw: RawLabel, context: string, run: Run): Promise<RawLabel> {
  const questions = await import('./label/questions.ts')
  const readNodes = async () => (await connect(run.access, context)).list(nodeKind)
  return questions.askLabel(raw, readNodes, run.terminal)
}
