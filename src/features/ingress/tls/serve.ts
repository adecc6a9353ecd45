import {contextInfo} from '../../../engine/kubeconfig/kubeconfig.ts'
import {planOffline} from '../../../engine/plan/offline.ts'
import type {ExitCode} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {changeClusters} from '../../../run/change-clusters.ts'
import {printPlan} from '../../../run/print-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {connect, type Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {serversOf} from '../istio-gateway.ts'
import {resolveRevision} from '../istio-revision.ts'
import {ingressLabels} from '../objects.ts'
import {ingressTlsChecks} from './checks.ts'
import {findGateway} from './find-gateway.ts'
import {buildIngressTls, type IngressTlsHost, ingressTlsApplySet} from './objects.ts'
import {type IngressTlsFacts, readIngressTlsFacts, readSecrets} from './read.ts'
import {readTlsFiles} from './read-files.ts'
import {type IngressTls, ingressTlsFields, validateIngressTls} from './spec.ts'
import {gatewayNameOf} from './spec-host.ts'
import type {GatewayWorkload} from './workloads.ts'

type RawTls = RawSpec<typeof ingressTlsFields>
type HostTls = IngressTls & {host: string}

/**
 * Serves a host with a certificate at a gateway, or renews its certificate.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError for invalid input or files (exit 2), and for findings that prevent the change (exit 3)
 */
export async function serveTls(input: RawTls, context: string, run: Run): Promise<ExitCode> {
  const raw = run.terminal.interactive ? await askMissing(input, run) : input
  const valid = readSpec(ingressTlsFields, raw, validateIngressTls)
  const requested: HostTls = {...valid, host: valid.host!}
  const now = new Date()
  const secret =
    requested.secret === undefined ? await readTlsFiles(requested, now, run.terminal) : {name: requested.secret}
  if (run.write.dryRun === 'client') return printOffline(requested, secret, context, run)
  const cluster = await connect(run.access, context)
  const facts = await readIngressTlsFacts(cluster)
  const workload = findGateway(requested, facts.workloads, cluster.context)
  const {namespace} = workload
  // A renewal keeps the redirect unless --redirect or --no-redirect is set.
  const redirect = raw.redirect === undefined ? hasRedirect(requested.host, namespace, facts) : requested.redirect
  const spec = {...requested, redirect}
  const secrets = spec.secret === undefined ? new Map() : await readSecrets(cluster, [{namespace, name: spec.secret}])
  const mutualIsSet = raw.mutual !== undefined
  reportFindings(runChecks(ingressTlsChecks, {spec, facts, workload, secrets, now, mutualIsSet}), run)
  const change = {
    cluster,
    name: cluster.context,
    changes: buildIngressTls(tlsHostOf(spec, secret, cluster.context, workload, facts)),
    set: ingressTlsApplySet(namespace),
  }
  const {exit} = await changeClusters([change], {question: `Apply this to ${cluster.context}?`}, run, outcomes => {
    if (outcomes.every(({result}) => result === 'unchanged')) return
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    const gateway = `${namespace}/${gatewayNameOf(spec.host)}`
    run.terminal.message([
      `${spec.host} has a certificate.`,
      `hint:  next, route its requests with a VirtualService: gateways: [${gateway}], hosts: [${spec.host}]`,
    ])
  })
  return exit
}

function hasRedirect(host: string, namespace: string, {gateways}: IngressTlsFacts): boolean {
  const name = gatewayNameOf(host)
  const live = gateways.find(({metadata}) => metadata.namespace === namespace && metadata.name === name)
  return live !== undefined && serversOf(live).some(({tls}) => tls?.httpsRedirect === true)
}

function tlsHostOf(
  {host, mutual, redirect}: HostTls,
  secret: IngressTlsHost['secret'],
  cluster: string,
  {namespace, labels}: GatewayWorkload,
  {injectors}: IngressTlsFacts,
): IngressTlsHost {
  // A gateway keeps this label when its workload is renamed or replaced.
  const selector = {istio: labels.istio!}
  const revision = resolveRevision(labels['istio.io/rev'], injectors)
  return {cluster, host, mutual, redirect, secret, namespace, selector, revision}
}

/** Prints the objects for `--dry-run=client`. The namespace defaults to that of the context. */
function printOffline(spec: HostTls, secret: IngressTlsHost['secret'], context: string, run: Run): Promise<ExitCode> {
  const {context: cluster, namespace: contextNamespace} = contextInfo(run.access.kubeconfig, context)
  const {host, mutual, redirect, namespace = contextNamespace} = spec
  const selector = {istio: ingressLabels(spec.gateway).istio}
  const changes = buildIngressTls({cluster, host, mutual, redirect, secret, namespace, selector, revision: undefined})
  return printPlan([planOffline(cluster, changes, ingressTlsApplySet(namespace))], run)
}

/** Loads the prompts only when a question may be asked: they take long to load. */
async function askMissing(raw: RawTls, run: Run): Promise<RawTls> {
  const {askIngressTls} = await import('./questions.ts')
  return askIngressTls(raw, run.terminal)
}
