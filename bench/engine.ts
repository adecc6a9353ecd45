/**
 * A separate process, bundled like the product, that compares many ServiceEntries with a cluster and, with `apply`, creates
 * them. It uses the same code as the commands.
 *
 * Arguments: `compare` or `apply`, kubeconfig, context, number of objects. Prints an `EngineResult` as one line of JSON.
 */
import {connectCluster} from '../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../src/engine/kubeconfig/kubeconfig.ts'
import type {Apply} from '../src/engine/kubernetes/change.ts'
import {waves} from '../src/engine/kubernetes/waves.ts'
import {applyCluster} from '../src/engine/plan/apply.ts'
import {compareCluster} from '../src/engine/plan/compare.ts'
import {countVerdicts, type Verdict} from '../src/engine/plan/plan.ts'
import {serviceEntries} from './service-entries.ts'

/** The result of a run. */
export interface EngineResult {
  verdicts: Record<Verdict, number>
  /** Number of applied objects. */
  applied: number
  /** Peak memory of the process. */
  peakMiB: number
}

const manager = 'kubectl-mesh'
const [mode, file = '', context = '', count = '0'] = process.argv.slice(2)
const cluster = await connectCluster(loadKubeconfig({kubeconfig: file, env: {}}), context, {fieldManager: manager})
const changes = serviceEntries(Number(count)).map(
  (object): Apply => ({action: 'apply', cluster: context, wave: waves.exposure, object, stays: true}),
)
const plan = await compareCluster(cluster, context, changes, {
  manager,
  force: false,
  set: {name: 'bench', namespace: 'bench', kinds: []},
})
const outcomes = mode === 'apply' ? await applyCluster(cluster, plan, {manager, force: false}) : []
const failed = outcomes.find(({result}) => result === 'failed')
if (failed) throw failed.error
const result: EngineResult = {
  verdicts: countVerdicts(plan.steps),
  applied: outcomes.filter(({result}) => result === 'ok').length,
  peakMiB: process.resourceUsage().maxRSS / 1024,
}
process.stdout.write(`${JSON.stringify(result)}\n`)
cluster.close()
