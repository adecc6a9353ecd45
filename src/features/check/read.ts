import type {Cluster} from '../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {MeshError, problemsIn} from '../../errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import {webhooksOf} from '../../istio/injection.ts'
import {readForecasts} from '../../mesh/capacity/read.ts'
import type {RequestedSize} from '../../mesh/capacity/spec.ts'
import type {CheckFacts, CheckReaders, WebhookFacts} from './facts.ts'

/**
 * Reads everything that `mesh check` checks, all clusters in parallel. What cannot be read is a finding, and does not affect
 * the rest.
 *
 * @param at size of another forecast
 * @throws MeshError (exit 2) for invalid input
 */
export async function readCheck(readers: CheckReaders, at: RequestedSize | undefined): Promise<CheckFacts> {
  const federation = await readers.federation()
  const members = federation.members.flatMap(({cluster, context, facts}) =>
    facts ? [{cluster, context, connection: facts.cluster, isJoined: facts.record !== undefined}] : [],
  )
  const unread: ReportedFinding[] = []
  const read = async <T>(cluster: string | undefined, what: string, work: () => Promise<T>, without: T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      unread.push(notChecked(cluster, what, error))
      return without
    }
  }
  const joined = members.filter(({isJoined}) => isJoined).map(({context}) => context)
  const [drift, kiali, forecasts, tenants, certificates, vmTokens, webhooks] = await Promise.all([
    joined.length < 2 ? [] : read(undefined, 'drift', () => readers.drift(joined), []),
    read(undefined, 'Kiali', () => readers.kiali(federation.members), []),
    readForecasts(federation.members, at),
    Promise.all(members.map(one => read(one.cluster, 'tenants', () => readers.tenants(one.connection), []))),
    Promise.all(
      members.map(async ({cluster, connection}) => {
        const none = {rows: [], findings: []}
        return {cluster, ...(await read(cluster, 'certificates', () => readers.certificates(connection), none))}
      }),
    ),
    Promise.all(
      members.map(async ({cluster, connection}) => ({
        cluster,
        tokens: await read(cluster, 'tokens of VMs', () => readers.vmTokens(connection), []),
      })),
    ),
    Promise.all(
      members.map(async ({cluster, connection}) => {
        const none = {cluster, configurations: [], services: new Set<string>()}
        return read(cluster, 'webhooks', () => readWebhooks(cluster, connection), none)
      }),
    ),
  ])
  return {
    ...{federation, drift, kiali, certificates, vmTokens, webhooks, forecasts, unread},
    federationChecks: await readers.federationChecks(),
    tenants: tenants.flatMap((own, at) =>
      own.map(one => ({...one, findings: one.findings.map(found => ({...found, cluster: members[at]!.cluster}))})),
    ),
  }
}

/** @throws every error that is not about a cluster or its content */
function notChecked(cluster: string | undefined, what: string, error: unknown): ReportedFinding {
  if (!(error instanceof ApiError || error instanceof UnreachableError || error instanceof MeshError)) throw error
  const [problem] = problemsIn(error)
  return {
    level: 'warning',
    check: 'not-checked',
    ...(cluster === undefined ? {} : {cluster}),
    message: `${what} not checked: ${problem?.message ?? ''}`,
    hints: problem?.hints ?? [],
  }
}

const webhookKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** Reads Istio's webhook configurations, and which of the Services exist that they call. */
async function readWebhooks(cluster: string, connection: Cluster): Promise<WebhookFacts> {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const lists = await Promise.all(webhookKinds.map(kind => connection.list({apiVersion, kind}, {mayBeDenied: true})))
  const configurations = lists.flat().filter(isOfIstio)
  const called = configurations.flatMap(webhooksOf).flatMap(({clientConfig}) => clientConfig?.service ?? [])
  const places = new Map(called.map(({namespace, name}) => [`${namespace}/${name}`, {namespace, name}]))
  const existing = await Promise.all(
    [...places].map(async ([place, {namespace, name}]) =>
      (await connection.get({apiVersion: 'v1', kind: 'Service', namespace, name})) ? [place] : [],
    ),
  )
  return {cluster, configurations, services: new Set(existing.flat())}
}

/** Istio's charts label all their webhook configurations with the revision. */
function isOfIstio({metadata}: KubernetesObject): boolean {
  return metadata.labels?.[revisionLabel] !== undefined
}
