import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import type {MeshHost} from '../../../istio/mesh-host.ts'
import {proofReads} from '../../../run/rights-of.ts'
import type {LocalityBalance} from './spec.ts'

/** The permissions that `mesh locality balance` needs in addition to those to read all localities. */
export function balanceRights({systemNamespace}: LocalityBalance, hosts: readonly MeshHost[]): Right[] {
  const namespaces = new Set(hosts.flatMap(({service}) => service?.namespace ?? []))
  const rule = ['destinationrules.networking.istio.io']
  return [
    ...proofReads,
    ...rightsFor(['get', 'list', 'create', 'patch'], ['configmaps'], systemNamespace),
    ...[...namespaces].flatMap(namespace => rightsFor(['get', 'list', 'create', 'patch'], rule, namespace)),
  ]
}
