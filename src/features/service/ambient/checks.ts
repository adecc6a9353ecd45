import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {globalServiceLabel, isGlobalService, waypointOf} from '../../../istio/ambient.ts'
import {meshPortsOf} from '../../../mesh/services/ports.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {missingControlPlanes, missingServices, refusedServices, sharedClusterNames} from '../checks-selection.ts'
import {readSharedRecord} from './objects-record.ts'
import type {ClusterSharing, SharingPlan} from './plan.ts'
import type {SharingCluster} from './read.ts'

/** Input of the checks that run before Services are shared. */
export interface SharingSubject extends SharingPlan {
  exporting: readonly SharingCluster[]
  systemNamespace: string
  /** Whether an exporting cluster has a selected Service. */
  hasSelected: (cluster: SharingCluster) => boolean
  /** The Service that was requested by name. A problem with it is an error instead of a warning. */
  named: {name: string; namespace: string} | undefined
}

type SharingCheck = Check<SharingSubject>

const serviceExists: SharingCheck = {
  id: 'service-found',
  about: 'the Service exists in the exporting clusters',
  run: ({named, exporting, hasSelected}) => missingServices(named, exporting, hasSelected),
}

const namesDiffer: SharingCheck = {
  id: 'cluster-names',
  about: 'every cluster has a different name',
  run: ({clusters}) =>
    sharedClusterNames(
      clusters.map(({sharing}) => sharing),
      'kubectl mesh federate',
    ),
}

const controlPlane: SharingCheck = {
  id: 'control-plane',
  about: 'every cluster has a control plane of the revision',
  run: ({clusters}) => missingControlPlanes(clusters.map(({sharing}) => sharing)),
}

const exportable: SharingCheck = {
  id: 'service-exportable',
  about: 'the selected Services can be exported and imported',
  run: ({refusals, named}) => refusedServices(refusals, named !== undefined),
}

/** The label is only what Istio's profile `ambient` selects: another mesh config may select something else, or nothing. */
const labelShares: SharingCheck = {
  id: 'service-scope',
  about: `the mesh config makes Services with the label ${globalServiceLabel}=true global`,
  run: ({clusters, systemNamespace}) =>
    clusters.flatMap(({sharing, after}): Finding[] => {
      const {name, context, controlPlane: plane, namespaces} = sharing
      const labelsOf = (key: string) => ({
        service: {...sharing.services.get(key)?.metadata.labels, [globalServiceLabel]: 'true'},
        namespace: namespaces.get(key.split('/')[0]!)?.metadata.labels ?? {},
      })
      const shared = [...after].filter(([, peers]) => peers.length > 0).map(([key]) => key)
      const without = shared.filter(key => !isGlobalService(plane?.ambient?.scopes ?? [], labelsOf(key)))
      // Another check reports a missing control plane.
      if (without.length === 0 || !plane) return []
      return [
        {
          cluster: name,
          message: `the label ${globalServiceLabel}=true has no effect on ${someOf(without)}: no entry of serviceScopeConfigs with scope GLOBAL in the mesh config selects it`,
          hints: [
            `kubectl mesh federate prints the values to set; the mesh config: kubectl ${contextFlags(context)} -n ${shellWord(systemNamespace)} get configmaps`,
          ],
        },
      ]
    }),
}

const complete: SharingCheck = {
  id: 'service-whole',
  about: 'all ports and pods of the Services are exported',
  run: ({clusters}) =>
    clusters.flatMap(({sharing, after}) =>
      [...after].flatMap(([key, peers]): Finding[] => {
        const service = sharing.services.get(key)
        const udp = service && peers.length > 0 ? meshPortsOf(service).udp : []
        if (udp.length === 0) return []
        const message = `Service ${key}: its UDP ports (${udp.join(', ')}) are not exported: ztunnel does not forward them`
        return [{level: 'warning', cluster: sharing.name, message}]
      }),
    ),
}

/** `istio.io/global` has no direction. */
const bothWays: SharingCheck = {
  id: 'service-both-ways',
  about: 'clusters that only import a Service have no pods behind it',
  run: ({clusters, exporting}) =>
    clusters.flatMap(({sharing, edits}): Finding[] => {
      if (exporting.includes(sharing)) return []
      const keys = edits
        .map(({target}) => `${target.namespace}/${target.name}`)
        .filter(key => isNewlyShared(sharing.services.get(key)))
      if (keys.length === 0) return []
      return [
        {
          level: 'warning',
          cluster: sharing.name,
          message: `${someOf(keys)} also has pods here: the label works in both directions, so the other clusters use them too`,
        },
      ]
    }),
}

/** Whether a Service with pods was not shared before. */
function isNewlyShared(service: KubernetesObject | undefined): boolean {
  if (!service || readSharedRecord(service)) return false
  return Object.keys((service.spec as {selector?: object} | undefined)?.selector ?? {}).length > 0
}

/** Istio expects waypoints of the same name in all clusters, with shared Services (istio#58064, open). */
const waypoints: SharingCheck = {
  id: 'service-waypoints',
  about: 'the waypoints of a shared Service have the same name in all clusters, and are shared',
  run: ({clusters}) => {
    const keys = new Set(
      clusters.flatMap(({after}) => [...after].filter(([, peers]) => peers.length > 0).map(([key]) => key)),
    )
    return [...keys].flatMap(key =>
      waypointFindings(
        key,
        clusters.filter(({after}) => after.has(key)),
      ),
    )
  },
}

function waypointFindings(key: string, clusters: readonly ClusterSharing[]): Finding[] {
  const found = clusters.map(({sharing}) => ({sharing, waypoint: waypointIn(sharing, key)}))
  const first = found.find(({waypoint}) => waypoint !== undefined)
  if (!first) return []
  return found.flatMap(({sharing, waypoint}): Finding[] => {
    const {name: cluster, context} = sharing
    const namespace = shellWord(key.split('/')[0]!)
    const kubectl = `kubectl ${contextFlags(context)} -n ${namespace}`
    const warning = (message: string, hint: string): Finding[] => [{level: 'warning', cluster, message, hints: [hint]}]
    if (waypoint !== first.waypoint)
      return warning(
        `Service ${key} has the waypoint ${waypoint ?? '(none)'}, but ${first.waypoint} in ${first.sharing.name}; Istio expects the same in all clusters`,
        `${kubectl} label service ${shellWord(key.split('/')[1]!)} istio.io/use-waypoint=NAME`,
      )
    if (!sharing.waypoints.has(waypoint!))
      return warning(
        `the waypoint ${waypoint} of Service ${key} does not exist`,
        `istioctl waypoint apply --name ${shellWord(waypoint!.split('/')[1]!)} with the context ${context}`,
      )
    const isShared = sharing.services.get(waypoint!)?.metadata.labels?.[globalServiceLabel] === 'true'
    if (isShared) return []
    return warning(
      `the waypoint ${waypoint} of Service ${key} is not shared: requests from other clusters may not reach it (istio#58064)`,
      `kubectl mesh service export ${shellWord(waypoint!.split('/')[1]!)} -n ${shellWord(waypoint!.split('/')[0]!)} with the same contexts`,
    )
  })
}

/** As `NAMESPACE/NAME`. */
function waypointIn({services, namespaces}: SharingCluster, key: string): string | undefined {
  const [namespace = '', name = ''] = key.split('/')
  // A stub will be created without labels of a waypoint.
  const service = services.get(key) ?? {apiVersion: 'v1', kind: 'Service', metadata: {namespace, name}}
  const waypoint = waypointOf(service, namespaces.get(namespace)?.metadata.labels ?? {})
  return waypoint && `${waypoint.namespace}/${waypoint.name}`
}

/** The checks that run before Services are shared. */
export const sharingChecks: readonly SharingCheck[] = [
  namesDiffer,
  controlPlane,
  serviceExists,
  exportable,
  labelShares,
  complete,
  bothWays,
  waypoints,
]
