import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {isTargetOf} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {podCountsOf} from '../../engine/kubernetes/workload-state.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import type {ExitCode} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {formerParentRemoval, readFormerSet} from '../../mesh/former-set.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {commandLineOf, contextArguments} from '../../run/command-line.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLabelled} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {announceRisks, settingsInput} from '../../run/settings.ts'
import {waitForWorkload} from '../../run/wait-with-progress.ts'
import {nameOfCluster, nameWithoutCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {mergeSettings, readMerged, settingsData} from '../../spec/settings.ts'
import {count} from '../../text/count.ts'
import {ingressDeployChecks} from './checks-deploy.ts'
import {buildIngress, type IngressGateway, ingressApplySet} from './objects.ts'
import {matchingNodes} from './placement.ts'
import {type IngressFacts, readIngressFacts} from './read.ts'
import {formatReady} from './report-ready.ts'
import {ingressRights} from './rights.ts'
import {type IngressDeploy, ingressDeployFields, validateIngressDeploy} from './spec-deploy.ts'
import {ingressRisks} from './spec-risks.ts'

type RawDeploy = RawSpec<typeof ingressDeployFields>
type Deploy = IngressDeploy & {namespace: string}

/**
 * Creates or updates an ingress gateway in one cluster. Settings of earlier runs are kept.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError for invalid input (exit 2), and for findings that prevent the change (exit 3)
 */
export async function deployIngress(input: RawDeploy, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(input, context, run.access)
  const requested = readDeploy(raw)
  const set = ingressApplySet(requested)
  if (run.write.dryRun === 'client') {
    const cluster = nameWithoutCluster(context, run.access)
    return printPlan([planOffline(cluster, buildIngress(gatewayOf(requested, cluster)), set)], run)
  }
  const needs = async () => ingressRights(requested, buildIngress(gatewayOf(requested, '')))
  const cluster = await connect(run.access, context, needs)
  const [membership, former] = await Promise.all([readTrustedMembership(cluster, set), readFormerSet(cluster, set)])
  const settings = settingsInput(ingressDeployFields, raw, membership.parent, run)
  const spec = readMerged(ingressDeployFields, settings, mergeSettings(ingressDeployFields, settings), readDeploy)
  const facts = await readIngressFacts(cluster, spec)
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  const changes = buildIngress(gatewayOf(spec, name))
  const isApplied = isTargetOf(changes)
  const isOurs = (object: KubernetesObject) =>
    membership.owns(object) || (isApplied(object) && membership.adopts(object, run.access.manager))
  reportFindings(runChecks(ingressDeployChecks, {spec, facts, isOurs}), run)
  reportNodes(spec, facts, run)
  reportLabelled(name, membership, [...membership.unrecorded, ...former.objects], changes, run)
  announceRisks(ingressRisks(settings, spec), run)
  // Removes the old workload when the kind changes from Deployment to DaemonSet or back.
  const pruned = pruneChanges(name, membership.objects, changes, () => false)
  const change = {cluster, name, changes: [...changes, ...pruned, ...formerParentRemoval(former, name)], set}
  const resume = commandLineOf(ingressDeployFields, spec, run, contextArguments(context, run.access))
  const {exit} = await changeClusters([change], {question: `Apply this to ${name}?`, resume}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    if (run.write.wait) await reportReady(cluster, spec, run)
  })
  return exit
}

function readDeploy(raw: RawDeploy): Deploy {
  return readSpec(ingressDeployFields, raw, validateIngressDeploy) as Deploy
}

function gatewayOf(spec: Deploy, cluster: string): IngressGateway {
  return {...spec, cluster, record: settingsData(ingressDeployFields, spec)}
}

function reportNodes({kind, nodeSelector}: Deploy, {nodes}: IngressFacts, run: Run): void {
  if (kind !== 'daemonset' && Object.keys(nodeSelector).length === 0) return
  const matching = matchingNodes(nodes, nodeSelector).length
  run.terminal.message(`${matching} of ${count(nodes.length, 'node')} match the node selector`)
}

/** Waits for the pods, then reports where the gateway can be reached. */
async function reportReady(cluster: Cluster, spec: Deploy, run: Run): Promise<void> {
  const {name, namespace} = spec
  const kind = spec.kind === 'daemonset' ? 'DaemonSet' : 'Deployment'
  const workload = await waitForWorkload(cluster, {apiVersion: 'apps/v1', kind, namespace, name}, run)
  const service = await cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name})
  run.terminal.message(formatReady(spec, podCountsOf(workload).available, service))
}
