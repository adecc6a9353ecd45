import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import {type ExitCode, exitCodes, messageOf} from '../../../errors.ts'
import {type ReportedFinding, runChecks} from '../../../findings/check.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {joinedWith, withRoles} from '../../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {connect} from '../../../run/run.ts'
import type {VerifyRun} from '../../../run/verify-run.ts'
import {flagsFor, type RawSpec, readSpec, shellWord} from '../../../spec/read.ts'
import {formatJunit} from '../../../terminal/output/junit.ts'
import {formatVerified, type Verified} from '../../../terminal/output/verify.ts'
import {federationChecks} from '../preflight/checks.ts'
import {primaryRemoteChecks} from '../preflight/checks-primary-remote.ts'
import {type Federation, federationFields} from '../spec.ts'
import {federationStatusFields} from '../status/spec.ts'
import {type VerifySubject, verifyChecks} from './checks.ts'
import {readSeenCluster, type SeenCluster} from './read.ts'
import {formatHello} from './report-traffic.ts'
import {type FederationVerify, federationVerifyFields, federationVerifyProblems} from './spec.ts'
import {confirmHello, helloColumns, helloRequests, tryHello} from './traffic.ts'

/** What says which control planes, to any command on the clusters. */
const planeFields = {
  clusterName: federationFields.clusterName,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
}

/** What says how the clusters were joined in gateways mode. */
const modeFields = {mode: federationFields.mode, dns: federationFields.dns, dnsForward: federationFields.dnsForward}

/** Of what the preflight looks at, what also holds afterwards; the rest has a check of its own here, or is about a write to come. */
const lasting = [
  'distinct-clusters',
  'cluster-names',
  'istio-crds',
  'control-plane',
  'cluster-name-fits',
  'mesh-id',
  'trust-domain',
  'network',
  'versions',
  'cluster-ca',
]

/** The same, of one mode alone. */
const lastingIn: Record<Federation['mode'], readonly string[]> = {
  'multi-primary': [],
  'primary-remote': primaryRemoteChecks.map(({id}) => id),
  gateways: ['dns-capture'],
}

/**
 * Proves from all sides that clusters are one mesh: what their API servers say, what each istiod knows, what the clusters
 * hold for each other; with `--traffic` also requests. Exit 5 when an error is found; a cluster that does not answer is one.
 */
export async function verifyFederation(
  raw: RawSpec<typeof federationVerifyFields>,
  run: VerifyRun<'json' | 'yaml' | 'junit'>,
): Promise<ExitCode> {
  const spec = readSpec(federationVerifyFields, raw, federationVerifyProblems)
  const {all, unreachable, preflight} = await readAll(spec, raw, run)
  const namespace = spec.traffic ? await confirmHello(all, run) : undefined
  const {systemNamespace, revision} = spec
  const where = {systemNamespace, revision, gateways: preflight.mode === 'gateways'}
  const seen = await Promise.all(
    all.map(member => readSeenCluster(member, all, where, unreachable.get(member.context))),
  )
  const verified = verifyClusters(seen, preflight, spec)
  if (namespace !== undefined) {
    const hello = await tryHello(seen, namespace, spec, run)
    verified.push(hello.verified)
    if (run.output === undefined && hello.answers.length > 0)
      run.terminal.print(`${formatHello(hello.answers, helloColumns(all), helloRequests)}\n`)
  }
  run.terminal.print(
    run.output === 'junit'
      ? formatJunit('kubectl mesh federate verify', verified)
      : formatVerified(verified, run.output),
  )
  const failed = verified.some(({findings}) => findings.some(({level}) => level === 'error'))
  return failed ? exitCodes.check : exitCodes.ok
}

/** Reads all clusters side by side, and finds out which kind of federation they are. One that does not answer is told by a check. */
async function readAll(
  spec: FederationVerify,
  raw: RawSpec<typeof federationVerifyFields>,
  run: VerifyRun<'json' | 'yaml' | 'junit'>,
) {
  const unreachable = new Map<string, string>()
  const read = await Promise.all(
    spec.contexts.map(async context => {
      const cluster = await connect(run.access, context)
      try {
        return {context, facts: await readFederationFacts(cluster, spec)}
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        unreachable.set(context, messageOf(error))
        return {context, facts: undefined}
      }
    }),
  )
  const known = read.flatMap(({facts}) => (facts ? [facts] : []))
  const base = readSpec(federationFields, raw as RawSpec<typeof federationFields>)
  const first = read.map(({context, facts}) => resolveMember(base, context, facts))
  const joined = joinedWith(first)
  const singleNetwork = joined?.singleNetwork ?? (known.length > 0 && known.every(hasNoNetwork))
  const isGateways = known.some(({record}) => readGatewaysRecord(record))
  const mode = isGateways ? 'gateways' : (joined?.mode ?? 'multi-primary')
  const preflight: Federation = {...base, ...joined, singleNetwork, mode, ...dnsOf(known)}
  // who is whose remote the records say, and nobody here
  const named = {...preflight, mode: isGateways ? 'gateways' : 'multi-primary'} as const
  const all = withRoles(read.map(({context, facts}) => resolveMember(named, context, facts)))
  return {all, unreachable, preflight}
}

/** Who answers for `.global`, by the records: a run has one for all of its clusters, `istio` if nothing is said. */
function dnsOf(all: readonly FederationFacts[]): Partial<Pick<Federation, 'dns' | 'dnsForward'>> {
  const records = all.flatMap(({record}) => readGatewaysRecord(record) ?? [])
  const edited = records.find(({dns}) => dns !== 'istio')
  return edited ? {dns: edited.dns, dnsForward: [...edited.dnsForward]} : {}
}

function hasNoNetwork({namespace, controlPlanes}: FederationFacts): boolean {
  return !namespace?.metadata.labels?.[networkLabel] && controlPlanes.every(({network}) => network === undefined)
}

/** All checks of all clusters, one entry a cluster; pure. */
export function verifyClusters(
  seen: readonly SeenCluster[],
  preflight: Federation,
  spec: FederationVerify,
  now = new Date(),
): Verified[] {
  const answering = seen.map(({member}) => member).filter(({facts}) => facts !== undefined)
  const roots = {folder: undefined, folderName: undefined}
  const wanted = [...lasting, ...lastingIn[preflight.mode]]
  const before = federationChecks.filter(({id}) => wanted.includes(id))
  const found = runChecks(before, {spec: preflight, all: answering, denied: new Map(), roots, now})
  return seen.map(me => {
    const subject: VerifySubject = {
      me,
      all: seen,
      systemNamespace: spec.systemNamespace,
      gateways: preflight.mode === 'gateways',
      singleNetwork: preflight.singleNetwork,
      flags: flagsFor(planeFields, spec),
      again: againOf(spec, modeFlags(preflight, me, seen)),
    }
    const looking = verifyChecks.filter(({looks}) => looks(subject))
    const [first, ...rest] = looking.map(({id, about, from}) => ({id, about, from: from(subject)}))
    const fromServer = `read from the API server of ${me.member.context}`
    const own = before.filter(({id}) => isAbout(id, me.member, preflight.mode))
    const shared = me.unreachable === undefined ? own.map(({id, about}) => ({id, about, from: fromServer})) : []
    const findings: ReportedFinding[] = [
      ...found.filter(({cluster}) => cluster === me.member.cluster),
      ...runChecks(looking, subject),
    ]
    return {title: titleOf(me.member), checks: [first!, ...shared, ...rest], findings}
  })
}

/** Of a control plane a remote has none to look at, and what is said of remotes is of no primary. */
const ofControlPlanes = [
  'control-plane',
  'cluster-name-fits',
  'mesh-id',
  'trust-domain',
  'network',
  'versions',
  'cluster-ca',
]
const ofPrimaries = ['serves-remotes', 'istiod-reachable']

function isAbout(id: string, {primary}: MeshMember, mode: Federation['mode']): boolean {
  if (mode !== 'primary-remote') return true
  if (primary !== undefined) return ![...ofControlPlanes, ...ofPrimaries, 'istio-crds'].includes(id)
  return ofPrimaries.includes(id) || !primaryRemoteChecks.some(check => check.id === id)
}

function titleOf({cluster, context, network, controlPlane, primary}: MeshMember): string {
  const version = controlPlane?.version ? `, Istio ${controlPlane.version}` : primary ? `, remote of ${primary}` : ''
  return `${cluster}  (context ${context}${network ? `, network ${network}` : ''}${version})`
}

/** The mode as the clusters were joined in it: without these flags another run would join them otherwise. */
function modeFlags(preflight: Federation, me: SeenCluster, all: readonly SeenCluster[]): string[] {
  const {mode, dns, dnsForward} = preflight
  if (mode === 'gateways') return flagsFor(modeFields, {mode, dns, dnsForward})
  const primary = me.member.primary ?? all.find(({member}) => member.primary)?.member.primary
  return primary === undefined ? [] : ['--mode', 'primary-remote', '--primary', primary]
}

function againOf(spec: FederationVerify, mode: readonly string[]): string {
  return ['kubectl mesh federate', ...[...mode, ...flagsFor(federationStatusFields, spec)].map(shellWord)].join(' ')
}
