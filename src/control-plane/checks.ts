import {messageOf} from '../errors.ts'
import type {Check} from '../findings/check.ts'
import {meshConfigProblems} from '../istio/mesh-config.ts'
import {loadYaml} from '../text/yaml.ts'
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
      const problem = problemOf(text)
      return name === undefined || problem === undefined
        ? []
        : [
            {
              message: `ConfigMap ${name}: key mesh is not a valid mesh config: ${problem}`,
              hints: ['correct it first; until then istiod uses the last valid mesh config'],
            },
          ]
    }),
}

function problemOf(text: string): string | undefined {
  try {
    const value = loadYaml(text)
    const isMap = typeof value === 'object' && !Array.isArray(value)
    if (value === undefined || value === null) return undefined
    if (!isMap) return 'it is not a map'
    const problems = meshConfigProblems(value)
    return problems.length > 0 ? problems.join('; ') : undefined
  } catch (error) {
    // loadYaml throws for an empty text, which is a valid mesh config.
    return text.trim() === '' ? undefined : messageOf(error).split('\n')[0]
  }
}
