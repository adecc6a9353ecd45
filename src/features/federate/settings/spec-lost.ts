import {controlPlaneClustersAnnotation, multiClusterLabel, networkLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Problem} from '../../../errors.ts'
import {names} from '../../../istio/names.ts'
import {objectsWithoutRecord} from '../../../mesh/facts.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {formerSettings, type RawFederation} from './spec-former.ts'

// If a record is gone, a run without flags would return to defaults: it would expose all Services, and replace short-lived tokens
// with tokens that do not expire. The settings are therefore read from the objects that carry the label of the federation. Only
// those count that are in the system namespace, where only administrators of the mesh can write, and that our field manager
// applied: a label can be copied.

/**
 * Returns the settings that the objects of a cluster show, if its record is gone. Undefined with a record, and for a cluster
 * that never joined.
 *
 * @param all all clusters of the run: their remote Secrets show at which address they reach this one
 * @param manager our field manager
 */
export function lostSettings(
  member: MeshMember,
  all: readonly MeshMember[],
  manager: string,
): RawFederation | undefined {
  const {facts, context} = member
  const created = facts ? objectsWithoutRecord(facts, manager) : []
  if (!facts || created.length === 0) return undefined
  const service = created.find(isGateway)
  const settings: RawFederation = {
    ...formerSettings({...facts, created}),
    mode: isGatewaysMode(created) ? 'gateways' : undefined,
    singleNetwork:
      (!service && created.some(isCredential) && !facts.namespace?.metadata.labels?.[networkLabel]) || undefined,
    gatewayServiceType: typeOf(service),
    gateway: valueFor(context, gatewaySettings(service)),
    server: valueFor(context, serverOf(member, all, manager)),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as RawFederation
}

/**
 * Returns a problem if the record of a cluster is gone whose objects are those of primary-remote mode, and the run does not set
 * the mode: what is read and written depends on it.
 *
 * @param manager our field manager
 */
export function lostRoleProblem({facts, cluster}: MeshMember, manager: string): Problem | undefined {
  if (!facts || facts.record) return undefined
  const created = objectsWithoutRecord(facts, manager)
  if (created.length === 0) return undefined
  const primary = facts.namespace?.metadata.annotations?.[controlPlaneClustersAnnotation]
  if (primary === undefined && !created.some(({kind}) => kind === 'VirtualService')) return undefined
  return {
    message: `${cluster}: the record of the federation is missing, but its objects are those of a ${primary === undefined ? 'primary' : `remote of ${primary}`}`,
    hints: [
      `set --mode primary-remote, and --primary with the context of ${primary === undefined ? cluster : shellWord(primary)}`,
    ],
  }
}

function isGateway({kind, spec}: KubernetesObject): boolean {
  const ports = (spec as {ports?: {port?: number}[]} | undefined)?.ports ?? []
  return kind === 'Service' && ports.some(({port}) => port === 15_443)
}

/** Without credentials for other clusters, and without an account that they use, only exported services are shared. */
function isGatewaysMode(created: readonly KubernetesObject[]): boolean {
  return created.some(({kind}) => kind === 'Gateway') && !created.some(isCredential)
}

/** A credential for another cluster, or the account that other clusters use. */
function isCredential({kind, metadata}: KubernetesObject): boolean {
  const isAccount = kind === 'ServiceAccount' && metadata.name === names.readerAccount
  return isAccount || (kind === 'Secret' && metadata.labels?.[multiClusterLabel] === 'true')
}

function typeOf(service: KubernetesObject | undefined): string | undefined {
  const {type} = (service?.spec ?? {}) as {type?: string}
  return type === 'LoadBalancer' ? undefined : type
}

/** What the Service of a gateway shows of its settings, except its type. */
function gatewaySettings(service: KubernetesObject | undefined) {
  if (!service) return undefined
  const {loadBalancerClass, loadBalancerSourceRanges, externalIPs} = service.spec as {
    loadBalancerClass?: string
    loadBalancerSourceRanges?: string[]
    externalIPs?: string[]
  }
  const settings = {
    name: service.metadata.name === names.gateway ? undefined : service.metadata.name,
    loadBalancerClass,
    sourceRanges: loadBalancerSourceRanges,
    externalIPs,
  }
  const known = Object.entries(settings).filter(([, value]) => value !== undefined)
  return known.length > 0 ? (Object.fromEntries(known) as Record<string, string | string[]>) : undefined
}

/** The address at which all other clusters reach a cluster, if they agree. */
function serverOf({cluster}: MeshMember, all: readonly MeshMember[], manager: string): string | undefined {
  const servers = all.flatMap(({facts}) => {
    if (!facts) return []
    const ours = credentialsIn({...facts, created: [...facts.created, ...objectsWithoutRecord(facts, manager)]})
    return ours.filter(one => one.ours && one.target === cluster).flatMap(one => accessIn(one.kubeconfig)?.server ?? [])
  })
  return new Set(servers).size === 1 ? servers[0] : undefined
}

function valueFor<T>(context: string, value: T | undefined): Record<string, T> | undefined {
  return value === undefined ? undefined : {[context]: value}
}
