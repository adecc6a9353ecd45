import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import type {ControlPlaneRef} from '../../control-plane/read.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {stalePods} from './istio-stale-pods.ts'
import type {LocalityFacts} from './read.ts'

/** What the checks of this file examine: the mesh as a whole. */
export interface MeshSubject {
  spec: ControlPlaneRef
  facts: LocalityFacts
}

/** The checks of the control plane. */
export const controlPlaneChecks: readonly Check<MeshSubject>[] = [controlPlaneExists, meshConfigReadable].map(
  check => ({...check, run: ({spec, facts}: MeshSubject) => check.run({spec, controlPlane: facts.controlPlane})}),
)

/** Until istiod knows the current localities, proxies do not use the order that `status` shows. */
export const localitiesCurrent: Check<MeshSubject> = {
  id: 'places-taken',
  about: 'istiod uses the current locality of every endpoint',
  run: ({facts, spec}) => {
    const stale = stalePods(facts, spec)
    return stale.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `istiod uses an outdated locality for ${count(stale.length, 'pod')}: the labels of their nodes changed after the pods and istiod started`,
            hints: [restartCommand(spec)],
          },
        ]
  },
}

/**
 * The command that makes istiod compute all localities again. Proxies stay connected to another replica, or reconnect.
 *
 * @param spec the namespace of istiod
 */
export function restartCommand({systemNamespace}: Pick<ControlPlaneRef, 'systemNamespace'>): string {
  return `kubectl -n ${systemNamespace} rollout restart deployment -l app=istiod`
}

/** Locality load balancing is on by default; the mesh config can turn it off. */
export const localityBalancingOn: Check<MeshSubject> = {
  id: 'mesh-wide',
  about: 'locality load balancing is on in the mesh config',
  run: ({facts}) => [...switchedOff(facts), ...obsoleteSwitch(facts)],
}

/** The same check for a command that turns locality load balancing on. */
export const localityBalancingAfterSwitch: Check<MeshSubject> = {
  ...localityBalancingOn,
  run: ({facts}) => obsoleteSwitch(facts),
}

function switchedOff({mesh}: LocalityFacts): Finding[] {
  return mesh.localityLbSetting?.enabled === false
    ? [
        {
          level: 'warning',
          message:
            'the mesh config has localityLbSetting.enabled: false; only hosts whose DestinationRule has locality settings are balanced by locality',
          hints: ['kubectl mesh locality balance --mesh-wide on'],
        },
      ]
    : []
}

function obsoleteSwitch({controlPlane}: LocalityFacts): Finding[] {
  return controlPlane.env.PILOT_ENABLE_LOCALITY_LOAD_BALANCING === undefined
    ? []
    : [
        {
          level: 'warning',
          message: 'istiod sets PILOT_ENABLE_LOCALITY_LOAD_BALANCING, which has no effect since Istio 1.5',
          hints: ['set localityLbSetting.enabled in the mesh config instead'],
        },
      ]
}

/** A number with its noun: `1 pod`, `2 pods`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
