import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {membersOf, pruneChanges} from '../../engine/plan/prune.ts'
import type {ExitCode} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {count} from '../../text/count.ts'
import {ingressDeployChecks} from './checks-deploy.ts'
import {buildIngress, ingressApplySet} from './objects.ts'
import {matchingNodes} from './placement.ts'
import {readIngressFacts} from './read.ts'
import {formatReady} from './report-ready.ts'
import {type IngressDeploy, ingressDeployFields, validateIngressDeploy} from './spec-deploy.ts'
import {waitForWorkload} from './wait.ts'
import {podCountsOf} from './workload-state.ts'

type RawDeploy = RawSpec<typeof ingressDeployFields>
type Deploy = IngressDeploy & {namespace: string}

/**
 * Creates or updates an ingress gateway in one cluster.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError for invalid input (exit 2), and for findings that prevent the change (exit 3)
 */
export async function deployIngress(input: RawDeploy, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(input, context, run.access)
  const valid = readSpec(ingressDeployFields, raw, validateIngressDeploy)
  const spec: Deploy = {...valid, namespace: valid.namespace!}
  const set = ingressApplySet(spec)
  if (run.write.dryRun === 'client') {
    const cluster = contextInfo(run.access.kubeconfig, context).context
    return printPlan([planOffline(cluster, buildIngress({...spec, cluster}), set)], run)
  }
  const cluster = await connect(run.access, context)
  const [facts, members] = await Promise.all([readIngressFacts(cluster, spec), membersOf(cluster, set)])
  reportFindings(runChecks(ingressDeployChecks, {spec, facts}), run)
  const matching = matchingNodes(facts.nodes, spec.nodeSelector).length
  if (spec.kind === 'daemonset' || Object.keys(spec.nodeSelector).length > 0)
    run.terminal.message(`${matching} of ${count(facts.nodes.length, 'node')} match the node selector`)
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  const changes = buildIngress({...spec, cluster: name})
  // Removes the old workload when the kind changes from Deployment to DaemonSet or back.
  const pruned = pruneChanges(name, members, changes, () => false)
  const change = {cluster, name, changes: [...changes, ...pruned], set}
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    if (run.write.wait) await reportReady(cluster, spec, run)
  })
  return exit
}

/** Waits for the pods, then reports where the gateway can be reached. */
async function reportReady(cluster: Cluster, spec: Deploy, run: Run): Promise<void> {
  const {name, namespace} = spec
  const kind = spec.kind === 'daemonset' ? 'DaemonSet' : 'Deployment'
  const workload = await waitForWorkload(cluster, {apiVersion: 'apps/v1', kind, namespace, name}, run)
  const service = await cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name})
  run.terminal.message(formatReady(spec, podCountsOf(workload).available, service))
}
