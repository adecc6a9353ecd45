import type {Check} from '../findings/check.ts'
import {meshTextProblems} from '../istio/mesh-config.ts'
import type {ControlPlaneFacts, ControlPlaneRef} from './read.ts'

/** What the checks of commands that depend on one control plane receive. */
export interface ControlPlaneSubject {
  spec: ControlPlaneRef
  controlPlane: ControlPlaneFacts
}

/** Finds an error if istiod does not exist, and a warning if it is not ready. */
export const controlPlaneExists: Check<ControlPlaneSubject> = {
  id: 'control-plane',
  about: 'istiod of the revision is ready',
  run: ({spec, controlPlane: {controlPlane, revisions}}) => {
    if (controlPlane?.ready) return []
    if (controlPlane)
      return [
        {
          level: 'warning',
          message: `istiod is not ready (0 of ${controlPlane.replicas} replicas)`,
          hints: [`kubectl -n ${spec.systemNamespace} get pods -l app=istiod`],
        },
      ]
    const istiod = spec.revision ? `istiod of revision ${spec.revision}` : 'istiod without a revision'
    return [
      {
        message: `no ${istiod} in namespace ${spec.systemNamespace}`,
        hints:
          revisions.length > 0
            ? [`revisions in this namespace: ${revisions.join(', ')} (--revision REV)`]
            : ['if istiod runs in another namespace: --system-namespace NS'],
      },
    ]
  },
}

/** An istiod that cannot parse its mesh config keeps the last valid one and only logs the error. */
export const meshConfigReadable: Check<ControlPlaneSubject> = {
  id: 'mesh-config',
  about: 'mesh config is valid YAML',
  run: ({controlPlane: {meshMap, meshText, shared}}) =>
    [
      {name: meshMap?.metadata.name, text: meshText},
      {name: shared?.name, text: shared?.text ?? ''},
    ].flatMap(({name, text}) => {
      const problems = meshTextProblems(text)
      return name === undefined || problems.length === 0
        ? []
        : [
            {
              message: `ConfigMap ${name}: key mesh is not a valid mesh config: ${problems.join('; ')}`,
              hints: ['correct it first; until then istiod uses the last valid mesh config'],
            },
          ]
    }),
}
