import {isDeepStrictEqual} from 'node:util'
import {controlPlaneExists} from '../../control-plane/checks.ts'
import {checkRights} from '../../engine/cluster/rights.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, exitCodes, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {readMeshHost} from '../../istio/mesh-host.ts'
import {revisioned} from '../../istio/names.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {confirmChange} from '../../run/confirm.ts'
import {printPlan} from '../../run/print-plan.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {commandLineOf} from '../../run/command-line.ts'
import {nameOfCluster, withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {type AttachSubject, attachChecks, authzRights} from './checks-attach.ts'
import {
  type Authorizer,
  authzApplySet,
  buildAuthzFilter,
  buildAuthzRecord,
  buildPolicy,
  buildProvider,
  type Provider,
  type ResolvedTarget,
} from './objects.ts'
import {type AuthzFacts, isOfAuthorizer, readAuthzFacts, resolveTarget} from './read.ts'
import {formatHelmValues, formatSailPatch} from './report.ts'
import {authzAttachFields, authzAttachProblems, type NamedAuthz} from './spec.ts'

type RawAttach = RawSpec<typeof authzAttachFields>

/** Puts an authorizer in front of workloads: the provider, then the policy that asks it. `context` '' is the current one. */
export async function attachAuthorizer(said: RawAttach, context: string, run: Run): Promise<ExitCode> {
  const raw = withContextNamespace(said, context, run.access)
  if (run.write.dryRun === 'client') return printWithoutCluster(raw, context, run)
  const asked = run.terminal.interactive ? await askMissing(raw, context, run) : raw
  const spec = readAttach(asked)
  const cluster = await connect(run.access, context)
  const facts = await readAuthzFacts(cluster, spec)
  // what is looked for below is nowhere in a cluster without Istio
  reportFindings(runChecks([controlPlaneExists], {spec, plane: facts.plane}).filter(isError), run)
  const resolved = resolveTarget(spec, facts)
  if ('missing' in resolved) throw refusedError(resolved.missing, resolved.hint)
  const {target} = resolved
  const host = hostOf(spec)
  const denied = await checkRights(cluster, authzRights(spec, target))
  const subject: AttachSubject = {spec, facts, host, target, denied}
  reportFindings(runChecks(attachChecks, subject), run)
  const provider = buildProvider(spec, host)
  if (isPrinted(spec) && !isLive(provider, facts)) return printProvider(spec, facts, provider, run)
  const name = nameOfCluster(facts.plane.plane, cluster.context)
  const authorizer = {cluster: name, spec, host, target}
  const changes = await changesOf(authorizer, facts)
  const mine = [...facts.allPolicies, ...facts.filters].filter(object => isOfAuthorizer(object, spec))
  const pruned = pruneChanges(name, mine, changes, () => false)
  await confirmOpen(spec, target, run)
  const wish = {cluster, name, changes: [...changes, ...pruned], set: authzApplySet(spec)}
  const {exit} = await changeClusters([wish], {question: `Apply this to ${name}?`}, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    const edited = outcomes.some(({step, result}) => step.change.action === 'edit' && result === 'ok')
    if (edited && spec.via === 'mesh-config') tellKeeping(spec, facts, provider, run)
    run.terminal.message(`kubectl mesh authz verify ${spec.name} looks at all of it`)
    if (asked !== raw)
      run.terminal.message(`Next time without questions:\n  ${commandLineOf(authzAttachFields, spec, run)}`)
  })
  return exit
}

const isError = ({level}: {level: string}) => level === 'error'

function readAttach(raw: RawAttach): NamedAuthz {
  // its problems include a name, a namespace and a service that are missing
  return readSpec(authzAttachFields, raw, authzAttachProblems) as NamedAuthz
}

/** The service's host in full; `namespace/host` stays. */
function hostOf({service, namespace, clusterDomain}: NamedAuthz): string {
  return service.host.includes('/') ? service.host : readMeshHost(service.host, namespace, clusterDomain).host
}

function isPrinted({via}: NamedAuthz): boolean {
  return via === 'helm-values' || via === 'sail'
}

function isLive(provider: Provider, facts: AuthzFacts): boolean {
  return (facts.mesh.extensionProviders ?? []).some(live => isDeepStrictEqual(live, provider))
}

/** The provider is somebody else's to write; the policy waits for it, since without its provider it would deny everything. */
function printProvider(spec: NamedAuthz, facts: AuthzFacts, provider: Provider, run: Run): ExitCode {
  const live = facts.mesh.extensionProviders ?? []
  const text =
    spec.via === 'sail'
      ? formatSailPatch(spec.revision ?? 'default', live, spec.name, provider)
      : formatHelmValues(live, spec.name, provider)
  run.terminal.print(text)
  run.terminal.message('nothing was changed: apply these values, then run this again; it makes the policy')
  return exitCodes.ok
}

async function changesOf(authorizer: Authorizer, facts: AuthzFacts | undefined): Promise<Change[]> {
  const {spec, cluster, host} = authorizer
  const record = buildAuthzRecord(authorizer)
  if (spec.via === 'envoy-filter') return [record, buildAuthzFilter(authorizer)]
  if (isPrinted(spec)) return [record, buildPolicy(authorizer)]
  // it loads a YAML library that keeps comments
  const {buildProviderEdit} = await import('./objects-provider.ts')
  const shared = spec.via === 'shared-config'
  const map = {
    cluster,
    namespace: spec.systemNamespace,
    name: shared ? (facts?.plane.shared?.name ?? 'istio-shared') : revisioned('istio', spec.revision),
    shared,
  }
  return [record, buildProviderEdit(map, buildProvider(spec, host)), buildPolicy(authorizer)]
}

/** A gateway that lets all through when its authorizer is down is a choice to be made knowingly. */
async function confirmOpen(spec: NamedAuthz, target: ResolvedTarget, run: Run): Promise<void> {
  if (spec.fail !== 'open' || !target.isGateway) return
  run.terminal.message(
    'warning: with --fail open every request passes this gateway while the authorizer gives no answer',
  )
  if (run.write.dryRun === 'none' && run.terminal.interactive)
    await confirmChange('Let requests through unchecked then?', run)
}

/** Helm and istioctl write their whole mesh config with the next upgrade. */
function tellKeeping(spec: NamedAuthz, facts: AuthzFacts, provider: Provider, run: Run): void {
  const values = formatHelmValues(facts.mesh.extensionProviders ?? [], spec.name, provider)
  run.terminal.message(
    `hint:  the next helm upgrade or istioctl install writes its own mesh config. Keep this in its values (istioctl: under spec):`,
  )
  run.terminal.message(values.replace(/^/gm, '    ').trimEnd())
}

/** `--dry-run=client`: labels that gateways and workloads have by convention, since none can be looked up. */
async function printWithoutCluster(raw: RawAttach, context: string, run: Run): Promise<ExitCode> {
  const spec = readAttach(raw)
  const cluster = contextInfo(run.access.kubeconfig, context).context
  const host = hostOf(spec)
  if (isPrinted(spec)) {
    const provider = buildProvider(spec, host)
    const istio = spec.revision ?? 'default'
    run.terminal.print(
      spec.via === 'sail' ? formatSailPatch(istio, [], spec.name, provider) : formatHelmValues([], spec.name, provider),
    )
    return exitCodes.ok
  }
  const target = conventionalTarget(spec)
  if (spec.to && spec.to.kind !== 'namespace')
    run.terminal.message(
      `warning: ${spec.to.kind} ${spec.to.name} is taken to have ${labelOf(target)}; -l says another`,
    )
  const changes = await changesOf({cluster, spec, host, target}, undefined)
  return printPlan([planOffline(cluster, changes, authzApplySet(spec))], run)
}

function labelOf({labels}: ResolvedTarget): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

function conventionalTarget({to, selector, namespace}: NamedAuthz): ResolvedTarget {
  if (!to) return {namespace, labels: selector, isGateway: false}
  if (to.kind === 'namespace') return {namespace: to.name, labels: {}, isGateway: false}
  if (to.kind === 'workload') return {namespace, labels: {app: to.name}, isGateway: false}
  return {namespace, labels: {istio: to.name.replace(/^istio-/, '')}, isGateway: true}
}

/** Questions load only where there is somebody to ask. */
async function askMissing(raw: RawAttach, context: string, run: Run): Promise<RawAttach> {
  const {askAuthz} = await import('./questions.ts')
  const systemNamespace = typeof raw.systemNamespace === 'string' ? raw.systemNamespace : 'istio-system'
  const look = async () => readAuthzFacts(await connect(run.access, context), {systemNamespace, revision: undefined})
  return askAuthz(raw, look, run.terminal)
}
