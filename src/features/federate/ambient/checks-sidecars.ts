import {globalServiceLabel} from '../../../istio/ambient.ts'
import {forEachMember} from '../preflight/for-each.ts'
import type {FederationCheck} from '../preflight/subject.ts'
import {servesSidecars} from './spec.ts'

/** Returns checks of the gateways for sidecars, which find nothing where a federation has none. */
export function sidecarChecks(checks: readonly FederationCheck[]): FederationCheck[] {
  return checks.map(check => ({...check, run: subject => (servesSidecars(subject.spec) ? check.run(subject) : [])}))
}

/** What to do before istiod gets the switch for several networks, in a mesh of sidecars. */
export const shareFirst = `first set the label ${globalServiceLabel}=true on the Services that sidecars use in other clusters: with AMBIENT_ENABLE_MULTI_NETWORK, sidecars reach no other Services there`

/**
 * With the switch for several networks, istiod sends every proxy, also sidecars, only endpoints of its cluster for a Service that
 * is not global (pilot/pkg/xds/endpoints/endpoint_builder.go, 1.30 and 1.31; observed with 1.31).
 */
export const sidecarsShareGlobal: FederationCheck = {
  id: 'ambient-global',
  about: 'sidecars reach the Services of other clusters',
  beforeWrite: true,
  run: forEachMember((member, {spec}) =>
    servesSidecars(spec) && member.controlPlane?.ambient?.multiNetwork
      ? {
          level: 'warning',
          message: `istiod has AMBIENT_ENABLE_MULTI_NETWORK=true: sidecars too reach only those Services of other clusters that the mesh config makes global`,
          hints: [`set the label ${globalServiceLabel}=true on the Services that other clusters use, in all clusters`],
        }
      : undefined,
  ),
}

/** Known gaps of Istio 1.31: istio#57878, istio#60716. */
export const mixed: FederationCheck = {
  id: 'ambient-mixed',
  about: 'sidecars and pods in ambient mode reach each other',
  beforeWrite: true,
  run: ({spec, all}) => {
    const [first] = all
    if (spec.dataPlane !== 'both' || !first) return []
    return [
      {
        cluster: first.cluster,
        level: 'warning',
        message:
          'with --data-plane both, pods with a sidecar and pods in ambient mode do not reach each other across clusters: Istio has no path between them',
        hints: ['move all pods of a Service, in all clusters, to the same data plane'],
      },
    ]
  },
}
