import {isDeepStrictEqual} from 'node:util'
import type {Edit} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {refusedError} from '../../errors.ts'
import type {Json} from '../../text/json.ts'
import {type DnsFacts, dnsObject, openshiftRef} from './facts.ts'
import {zone} from './names.ts'

/** Name of our entry. It identifies the entry, so clusters contain this text: do not change it. */
const entryName = 'kubectl-mesh'

/** An entry of `spec.servers` of OpenShift's DNS operator: it forwards zones to DNS servers (operator/v1, 4.18). */
interface ForwardServer {
  name?: unknown
  zones?: unknown
}

/**
 * Forwards `.global` to DNS servers in OpenShift. The operator overwrites its ConfigMap, so its resource is edited. It can only
 * forward.
 *
 * @param forward IP addresses of DNS servers that resolve the zone
 * @throws MeshError (exit 3) if another entry forwards the zone
 */
export function buildOpenshiftStub(cluster: string, forward: readonly string[], found: DnsFacts): Edit {
  const other = serversOf(found).find(server => server.name !== entryName && zonesOf(server).includes(zone))
  if (other)
    throw refusedError(
      `DNS ${openshiftRef.name} of OpenShift already forwards ${zone}: spec.servers has ${JSON.stringify(other.name)}`,
      'remove that entry first',
    )
  const entry = {name: entryName, zones: [zone], forwardPlugin: {policy: 'Random', upstreams: [...forward]}}
  return editOf(cluster, `forward ${zone} to ${forward.join(', ')}`, entry)
}

/** Reverts `buildOpenshiftStub`. */
export function buildOpenshiftUnstub(cluster: string): Edit {
  return {...editOf(cluster, `no longer forward ${zone}`, undefined), undoes: true}
}

function editOf(cluster: string, about: string, entry: Json | undefined): Edit {
  const keeps = (server: unknown) =>
    (server as ForwardServer | null)?.name !== entryName || isDeepStrictEqual(server, entry)
  const add = entry === undefined ? {} : {add: entry}
  return {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target: openshiftRef,
    edits: [{at: 'entries', path: ['spec', 'servers'], about, keeps, ...add}],
  }
}

function serversOf(found: DnsFacts): ForwardServer[] {
  const {servers} = (dnsObject(found, openshiftRef)?.spec ?? {}) as {servers?: unknown}
  return Array.isArray(servers) ? (servers as ForwardServer[]) : []
}

function zonesOf({zones}: ForwardServer): unknown[] {
  return Array.isArray(zones)
    ? zones.map(one => (typeof one === 'string' ? one.toLowerCase().replace(/\.$/, '') : one))
    : []
}
