import {readFile} from 'node:fs/promises'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem, refusedError} from '../../errors.ts'
import {type ReportedFinding, runChecks} from '../../findings/check.ts'
import {lookAtServer, type NamedBytes} from '../../pki/server.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {revisionBehind} from './checks-deploy.ts'
import {ingressTlsChecks} from './checks-tls.ts'
import {serversOf} from './istio-gateway-servers.ts'
import {ingressLabels} from './objects.ts'
import {buildIngressTls, type IngressTlsHost, ingressTlsApplySet} from './objects-tls.ts'
import {type GatewayWorkload, type IngressTlsFacts, readIngressTlsFacts, readSecrets} from './read-tls.ts'
import {nameOfHost} from './spec-texts.ts'
import {type IngressTls, ingressTlsFields, ingressTlsProblems} from './spec-tls.ts'

type RawTls = RawSpec<typeof ingressTlsFields>
type HostTls = IngressTls & {host: string}

/** Gives a host its certificate at a gateway, or a new one. `context` '' is the current one. */
export async function serveTls(said: RawTls, context: string, run: Run): Promise<ExitCode> {
  const raw = run.terminal.interactive ? await askMissing(said, run) : said
  const read = readSpec(ingressTlsFields, raw, ingressTlsProblems)
  const asked: HostTls = {...read, host: read.host!}
  const now = new Date()
  const secret = asked.secret === undefined ? await readFiles(asked, now, run) : {name: asked.secret}
  if (run.write.dryRun === 'client') return printWithoutCluster(asked, secret, context, run)
  const cluster = await connect(run.access, context)
  const facts = await readIngressTlsFacts(cluster)
  const workload = findGateway(asked, facts, cluster.context)
  // a new certificate, said without the switch, takes no redirect away
  const spec = {...asked, redirect: raw.redirect === undefined ? hasRedirect(asked, workload, facts) : asked.redirect}
  const {namespace} = workload
  const secrets = spec.secret === undefined ? new Map() : await readSecrets(cluster, [{namespace, name: spec.secret}])
  reportFindings(
    runChecks(ingressTlsChecks, {spec, facts, workload, secrets, now, saidMutual: raw.mutual !== undefined}),
    run,
  )
  const changes = buildIngressTls({
    ...wishOf(spec, secret),
    cluster: cluster.context,
    namespace,
    // the field's own label, which a gateway keeps when it is renamed or made anew
    selector: {istio: workload.labels.istio!},
    revision: revisionBehind(workload.labels['istio.io/rev'], facts.injectors),
  })
  const wish = {cluster, name: cluster.context, changes, set: ingressTlsApplySet(namespace)}
  const {exit} = await changeClusters([wish], {question: `Apply this to ${cluster.context}?`}, run, outcomes => {
    if (outcomes.every(({result}) => result === 'unchanged')) return
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    run.terminal.message(
      `${spec.host} has its certificate; a VirtualService says where its requests go: gateways: [${namespace}/${nameOfHost(spec.host)}], hosts: [${spec.host}]`,
    )
  })
  return exit
}

function hasRedirect({host}: HostTls, {namespace}: GatewayWorkload, {gateways}: IngressTlsFacts): boolean {
  const live = gateways.find(({metadata}) => metadata.namespace === namespace && metadata.name === nameOfHost(host))
  return live !== undefined && serversOf(live).some(({tls}) => tls?.httpsRedirect === true)
}

function wishOf({host, mutual, redirect}: HostTls, secret: IngressTlsHost['secret']) {
  return {host, mutual, redirect, secret}
}

/** Reads certificate, key and CA, and looks at them: all that is wrong in one error (exit 2). */
async function readFiles(spec: HostTls, now: Date, run: Run): Promise<IngressTlsHost['secret']> {
  const problems: Problem[] = []
  const read = async (name: string): Promise<NamedBytes> => {
    try {
      return {name, bytes: await readFile(name)}
    } catch (error) {
      problems.push({message: `${name} can't be read: ${messageOf(error)}`})
      return {name, bytes: Buffer.alloc(0)}
    }
  }
  const cert = await read(spec.cert!)
  const key = await read(spec.key!)
  const ca = spec.ca === undefined ? undefined : await read(spec.ca)
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  const look = lookAtServer({cert, key, ca}, [spec.host], now)
  const of = (level: ReportedFinding['level']) => look.problems.filter(problem => problem.level === level)
  const warnings = formatWarnings(of('warning'))
  if (warnings !== '') run.terminal.message(warnings)
  if (of('error').length > 0) throw new MeshError(of('error'), exitCodes.usage)
  const text = ({bytes}: NamedBytes) => bytes.toString('utf8')
  return {certificate: text(cert), key: text(key), ca: ca && text(ca)}
}

/** The one gateway of the name. Throws MeshError (exit 3) when there is none, or several. */
function findGateway(spec: HostTls, {workloads}: IngressTlsFacts, context: string): GatewayWorkload {
  const found = workloads.filter(
    ({name, namespace}) => name === spec.gateway && (spec.namespace === undefined || namespace === spec.namespace),
  )
  if (found.length === 1) return found[0]!
  const where = spec.namespace === undefined ? '' : ` in namespace ${spec.namespace}`
  if (found.length > 1)
    throw refusedError(
      `${context}: there are ${found.length} gateways ${spec.gateway}${where}: ${found.map(({kind, namespace}) => `${kind} in ${namespace}`).join(', ')}`,
      '-n NS says which',
    )
  const others = workloads.map(({namespace, name}) => `${namespace}/${name}`)
  throw refusedError(
    `${context}: there is no gateway ${spec.gateway}${where}`,
    others.length > 0 ? `gateways here: ${others.join(', ')} (--gateway, -n)` : 'kubectl mesh ingress deploy makes one',
  )
}

/** `--dry-run=client`: for a gateway of the given name, in the context's namespace if none was said. */
function printWithoutCluster(
  spec: HostTls,
  secret: IngressTlsHost['secret'],
  context: string,
  run: Run,
): Promise<ExitCode> {
  const info = contextInfo(run.access.kubeconfig, context)
  const namespace = spec.namespace ?? info.namespace
  const {istio} = ingressLabels(spec.gateway)
  const cluster = info.context
  const changes = buildIngressTls({...wishOf(spec, secret), cluster, namespace, selector: {istio}, revision: undefined})
  return printPlan([planOffline(cluster, changes, ingressTlsApplySet(namespace))], run)
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawTls, run: Run): Promise<RawTls> {
  const {askIngressTls} = await import('./questions.ts')
  return askIngressTls(raw, run.terminal)
}
