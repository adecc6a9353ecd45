import {readFile} from 'node:fs/promises'
import {checkRights} from '../../engine/cluster/rights.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {type ExitCode, MeshError, messageOf, refusedError, usageError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {count, printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {commandLineOf} from '../../run/command-line.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {labelChecks, wantedPlaces} from './checks-label.ts'
import type {Locality} from './istio.ts'
import {localityApplySet} from './objects-balance.ts'
import {buildNodeLabels} from './objects-label.ts'
import {type LocalityLabel, localityLabelFields, localityLabelProblems} from './spec-label.ts'
import {readPlaces} from './spec-places.ts'

/** Labels are edits: no object becomes a member of it. */
const labelSet = localityApplySet({systemNamespace: 'default', revision: undefined})

type RawLabel = RawSpec<typeof localityLabelFields>

/** Gives nodes the labels by which istiod knows their place. `context` '' is the current one. */
export async function labelNodes(raw: RawLabel, context: string, run: Run): Promise<ExitCode> {
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const asked = run.terminal.interactive ? await askMissing(raw, context, run) : raw
  const spec = readSpec(localityLabelFields, asked, localityLabelProblems)
  const places = await placesOf(spec)
  const cluster = await connect(run.access, context)
  const nodes = await cluster.list(
    {apiVersion: 'v1', kind: 'Node'},
    spec.selector === undefined ? {} : {labelSelector: spec.selector},
  )
  const subject = {spec, nodes, places}
  reportFindings(runChecks(labelChecks, subject), run)
  const name = cluster.context
  const changes = editsOf(name, wantedPlaces(subject))
  if (changes.length > 0 && run.write.dryRun === 'none') {
    const denied = await checkRights(cluster, [{verb: 'patch', group: '', resource: 'nodes'}])
    if (denied.length > 0) throw refusedError(`${name}: you may not patch nodes`, 'kubectl auth can-i patch nodes')
  }
  const wish = {cluster, name, changes, set: labelSet, known: nodes}
  const force = run.write.force || spec.overwrite
  const question = `Label ${count(changes.length, 'node')} of ${name}?`
  const {exit} = await changeClusters([wish], {question}, {...run, write: {...run.write, force}}, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    const all = wantedPlaces(subject).size
    run.terminal.message(`${count(changes.length, 'node')} labelled, ${all - changes.length} of ${all} were right`)
    if (changes.length > 0)
      run.terminal.message(
        'hint:  istiod takes the place of a pod when it or the pod starts. For pods that run there already: kubectl -n istio-system rollout restart deployment -l app=istiod',
      )
    if (asked !== raw)
      run.terminal.message(`Next time without questions:\n  ${commandLineOf(localityLabelFields, spec, run)}`)
  })
  return exit
}

function editsOf(cluster: string, wanted: ReadonlyMap<KubernetesObject, Locality>): Edit[] {
  return [...wanted].flatMap(([node, place]) => buildNodeLabels(cluster, node, place) ?? [])
}

async function placesOf(spec: LocalityLabel): Promise<Map<string, Locality>> {
  if (spec.from === undefined) return new Map()
  try {
    return readPlaces(await readFile(spec.from, 'utf8'), spec.from)
  } catch (error) {
    throw error instanceof MeshError ? error : usageError(messageOf(error))
  }
}

/** Nodes that are named can be told without asking; which of them fit a pattern or a selector can't. */
async function printWithoutCluster(raw: RawLabel, context: string, run: Run): Promise<ExitCode> {
  const spec = readSpec(localityLabelFields, raw, localityLabelProblems)
  if (spec.all || spec.selector !== undefined || spec.pattern.length > 0)
    throw usageError('which nodes these are has to be read from the cluster', '--dry-run=server changes nothing')
  const name = contextInfo(run.access.kubeconfig, context).context
  const places = await placesOf(spec)
  const names = [...new Set([...spec.nodes, ...places.keys()])]
  const nodes = names.map((node): KubernetesObject => ({apiVersion: 'v1', kind: 'Node', metadata: {name: node}}))
  const changes = editsOf(name, wantedPlaces({spec, nodes, places}))
  return printPlan([planOffline(name, changes, labelSet)], run)
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawLabel, context: string, run: Run): Promise<RawLabel> {
  const {askLabel} = await import('./questions.ts')
  const look = async () => {
    const cluster = await connect(run.access, context)
    return cluster.list({apiVersion: 'v1', kind: 'Node'})
  }
  return askLabel(raw, look, run.terminal)
}
