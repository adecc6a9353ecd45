import {revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {ControlPlaneInput} from './input.ts'
import {isTree} from './tree.ts'
import {helmValues} from './values.ts'

const apiVersion = 'sailoperator.io/v1'

/**
 * The control plane as resources of the Sail operator: an `Istio` with the strategy InPlace, so that its revision is called
 * as the resource is. The operator itself sets the values `revision`, `global.istioNamespace` and the tags (sailoperator.io/v1;
 * a version that is not said is the operator's newest).
 */
export function sailResources(input: ControlPlaneInput): KubernetesObject[] {
  const name = input.revision ?? 'default'
  const {
    revision: _revision,
    defaultRevision: _default,
    revisionTags: _tags,
    profile,
    global,
    ...others
  } = helmValues(input)
  const {istioNamespace: _namespace, ...kept} = isTree(global) ? global : {}
  const values = {...others, ...(Object.keys(kept).length > 0 ? {global: kept} : {})}
  const labels = revisionLabels(input.revision)
  const istio = {
    apiVersion,
    kind: 'Istio',
    metadata: {name, labels},
    spec: {
      namespace: input.namespace,
      updateStrategy: {type: 'InPlace'},
      ...(profile === undefined ? {} : {profile}),
      ...(Object.keys(values).length > 0 ? {values} : {}),
    },
  }
  const tag = {
    apiVersion,
    kind: 'IstioRevisionTag',
    metadata: {name: 'default', labels},
    spec: {targetRef: {kind: 'Istio', name}},
  }
  return input.isDefault ? [istio, tag] : [istio]
}
