import {revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {ambientProfile, ztunnelNames} from './ambient.ts'
import type {ControlPlaneInput} from './input.ts'
import {isTree, type Tree} from './tree.ts'
import {helmValues} from './values.ts'

const apiVersion = 'sailoperator.io/v1'

/**
 * Returns a control plane as resources of the Sail operator: an `Istio`, and an `IstioRevisionTag` for the default control
 * plane. With the update strategy InPlace, the revision has the name of the resource. Without a version, the operator
 * installs the newest Istio that it supports (sailoperator.io/v1).
 */
export function sailResources(input: ControlPlaneInput): KubernetesObject[] {
  const name = input.revision ?? 'default'
  const {profile, ...all} = withoutOperatorValues(helmValues(input))
  const values = input.ambient ? withoutDataPlane(all) : all
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
  return [istio, ...(input.isDefault ? [tag] : []), ...(input.ambient ? dataPlaneResources(input) : [])]
}

/** istio-cni and ztunnel have resources with separate values. */
function withoutDataPlane({cni: _cni, ztunnel: _ztunnel, ...values}: Tree): Tree {
  return values
}

/** The operator accepts only the name `default`: a node has one istio-cni and one ztunnel (sailoperator.io/v1). */
function dataPlaneResources(input: ControlPlaneInput): KubernetesObject[] {
  const {namespace, requested} = input
  const {cni} = requested.values
  const metadata = {name: 'default'}
  const values = isTree(cni) ? {values: {cni}} : {}
  return [
    {apiVersion, kind: 'IstioCNI', metadata, spec: {namespace, profile: ambientProfile, ...values}},
    {apiVersion, kind: 'ZTunnel', metadata, spec: {namespace, values: {ztunnel: ztunnelNames(input)}}},
  ]
}

/** The Sail operator sets revision, tags and namespace itself, */
function withoutOperatorValues(values: Tree): Tree {
  const {
    revision: _revision,
    defaultRevision: _defaultRevision,
    revisionTags: _revisionTags,
    global,
    ...others
  } = values
  const {istioNamespace: _namespace, ...kept} = isTree(global) ? global : {}
  return {...others, ...(Object.keys(kept).length > 0 ? {global: kept} : {})}
}
