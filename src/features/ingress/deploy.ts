import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {membersOf, pruneChanges} from '../../engine/plan/prune.ts'
import type {ExitCode} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {count, printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {ingressDeployChecks, revisionBehind} from './checks-deploy.ts'
import {buildIngress, ingressApplySet, ingressPorts} from './objects.ts'
import {chosenNodes, readIngressFacts} from './read.ts'
import {type IngressDeploy, ingressDeployFields, ingressDeployProblems} from './spec-deploy.ts'
import {countsOf, waitForWorkload} from './wait.ts'

type RawDeploy = RawSpec<typeof ingressDeployFields>
type Deploy = IngressDeploy & {namespace: string}

/** Makes an ingress gateway in one cluster, or completes or changes it. `context` '' is the current one. */
export async function deployIngress(said: RawDeploy, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(said, context, run.access)
  const read = readSpec(ingressDeployFields, raw, ingressDeployProblems)
  const spec: Deploy = {...read, namespace: read.namespace!}
  const set = ingressApplySet(spec)
  if (run.write.dryRun === 'client') {
    const cluster = contextInfo(run.access.kubeconfig, context).context
    return printPlan([planOffline(cluster, buildIngress({...spec, cluster}), set)], run)
  }
  const cluster = await connect(run.access, context)
  const revisionOf = revisionBehind.bind(undefined, spec.revision)
  const [facts, members] = await Promise.all([
    readIngressFacts(cluster, {...spec, revisionOf}),
    membersOf(cluster, set),
  ])
  reportFindings(runChecks(ingressDeployChecks, {spec, facts}), run)
  const chosen = chosenNodes(facts.nodes, spec.nodeSelector).length
  if (spec.kind === 'daemonset' || Object.keys(spec.nodeSelector).length > 0)
    run.terminal.message(`${chosen} of ${count(facts.nodes.length, 'node')} chosen`)
  const name = nameOfCluster(facts.plane.plane, cluster.context)
  const changes = buildIngress({...spec, cluster: name})
  // a gateway that was a Deployment and becomes a DaemonSet, or the other way round
  const pruned = pruneChanges(name, members, changes, () => false)
  const wish = {cluster, name, changes: [...changes, ...pruned], set}
  const {exit} = await changeClusters([wish], {question: `Apply this to ${name}?`}, run, async outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    if (run.write.wait) await tellReady(cluster, spec, run)
  })
  return exit
}

/** Waits, and says where the gateway is reached. */
async function tellReady(cluster: Cluster, spec: Deploy, run: Run): Promise<void> {
  const {name, namespace} = spec
  const kind = spec.kind === 'daemonset' ? 'DaemonSet' : 'Deployment'
  const ref: ObjectRef = {apiVersion: 'apps/v1', kind, namespace, name}
  const workload = await waitForWorkload(cluster, ref, run)
  const service = await cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name})
  const {type} = (service?.spec ?? {}) as {type?: string}
  const {loadBalancer} = (service?.status ?? {}) as {loadBalancer?: {ingress?: {ip?: string; hostname?: string}[]}}
  const addresses = (loadBalancer?.ingress ?? []).map(({ip, hostname}) => ip ?? hostname ?? '')
  const ports = ingressPorts(spec.hostPorts)
    .filter(({port}) => port !== 15_021)
    .map(({port}) => port)
    .join(', ')
  const where =
    spec.hostPorts.length > 0
      ? `port ${ports} of its nodes`
      : type === 'LoadBalancer'
        ? addresses.length > 0
          ? `${addresses.join(', ')}, port ${ports}`
          : 'no address yet: a load balancer has to give its Service one'
        : `Service ${namespace}/${name}, port ${ports}`
  run.terminal.message(
    `${name} is ready: ${count(countsOf(workload).available, 'pod')} · ${where}\nkubectl mesh ingress tls HOST --cert FILE --key FILE${
      name === 'istio-ingressgateway' ? '' : ` --gateway ${name}`
    } serves a host there`,
  )
}
