import {messageOf} from '../errors.ts'
import type {Check} from '../findings/check.ts'
import {loadYaml} from '../text/yaml.ts'
import type {ControlPlaneFacts, ControlPlaneRef} from './read.ts'

/** What commands that need one control plane are checked with. */
export interface ControlPlaneSubject {
  spec: ControlPlaneRef
  plane: ControlPlaneFacts
}

/** There is a control plane of the revision; that it is not ready is told. */
export const controlPlaneExists: Check<ControlPlaneSubject> = {
  id: 'control-plane',
  about: 'a control plane of the revision runs',
  run: ({spec, plane: {plane, revisions}}) => {
    if (plane?.ready) return []
    if (plane)
      return [
        {
          level: 'warning',
          message: `istiod is not ready (0 of ${plane.replicas})`,
          hints: [`kubectl -n ${spec.systemNamespace} get pods -l app=istiod`],
        },
      ]
    const which = spec.revision ? `istiod of revision ${spec.revision}` : 'istiod without a revision'
    return [
      {
        message: `no ${which} in namespace ${spec.systemNamespace}`,
        hints:
          revisions.length > 0 ? [`revisions there: ${revisions.join(', ')} (--revision)`] : ['--system-namespace NS'],
      },
    ]
  },
}

/** istiod keeps its last state and only logs when it can't read its mesh config, so nobody may write on. */
export const meshConfigReadable: Check<ControlPlaneSubject> = {
  id: 'mesh-config',
  about: 'the mesh config can be read',
  run: ({plane: {meshMap, meshText, shared}}) =>
    [
      {name: meshMap?.metadata.name, text: meshText},
      {name: shared?.name, text: shared?.text ?? ''},
    ].flatMap(({name, text}) => {
      const problem = problemOf(text)
      return name === undefined || problem === undefined
        ? []
        : [
            {
              message: `ConfigMap ${name}: its key mesh can't be read: ${problem}`,
              hints: ['istiod goes on with what it read last; set it right first'],
            },
          ]
    }),
}

function problemOf(text: string): string | undefined {
  try {
    const value = loadYaml(text)
    return value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value))
      ? undefined
      : 'it is not a map'
  } catch (error) {
    // loading nothing is no error of the text
    return text.trim() === '' ? undefined : messageOf(error).split('\n')[0]
  }
}
