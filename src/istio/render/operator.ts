import {ztunnelNames} from './ambient.ts'
import type {ControlPlaneInput} from './input.ts'
import {isTree, mergeTrees, type Tree} from './tree.ts'
import {helmValues} from './values.ts'

/**
 * Returns the IstioOperator file of a control plane, for `istioctl manifest generate -f`, `install` and `uninstall`. Since
 * Istio 1.24 the kind exists only as istioctl's file format (1.24–1.31).
 */
export function istioOperator(input: ControlPlaneInput): Tree {
  const {profile: _profile, revision, meshConfig, ...values} = helmValues(input)
  const spec: Tree = {
    ...(input.profile === undefined ? {} : {profile: input.profile}),
    ...(revision === undefined ? {} : {revision}),
    ...(isTree(meshConfig) ? {meshConfig} : {}),
    values: input.ambient ? {...values, ztunnel: ztunnelNames(input)} : values,
  }
  return {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: {name: input.revision ?? 'default'},
    spec: mergeTrees(spec, input.requested.operator),
  }
}
