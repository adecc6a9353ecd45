import {ambientEnv} from './ambient.ts'
import type {ControlPlaneInput} from './input.ts'
import {compactTree, type Leaf, leafAt, mergeTrees, type Tree} from './tree.ts'

/** A requested value that contradicts the control plane to render. */
export interface Contradiction {
  /** Path in the Helm values: `global.istioNamespace`. */
  path: string
  requested: string
  /** The required value, or `empty`. */
  expected: string
}

/**
 * Returns the Helm values of a control plane for the istiod chart (istio manifests/charts/istio-control/istio-discovery,
 * 1.24–1.31). Requested values override generated ones, except for namespace and revision.
 */
export function helmValues(input: ControlPlaneInput): Tree {
  const {namespace, revision, meshId, clusterName, network, trustDomain, discoverySelectors, isDefault} = input
  const generated = compactTree({
    profile: chartProfile(input.profile),
    ...(isDefault ? {revisionTags: ['default']} : {}),
    global: {
      meshID: meshId,
      network,
      multiCluster: {clusterName},
    },
    meshConfig: {trustDomain, discoverySelectors},
    ...(input.ambient ? {pilot: {env: ambientEnv}} : {}),
  })
  const fixed = compactTree({revision, global: {istioNamespace: namespace}})
  return mergeTrees({defaultRevision: defaultRevisionOf(input)}, generated, input.requested.values, fixed)
}

/**
 * The base chart creates the validator of resources without a revision label for this revision, and none for ''. As with
 * `istioctl install`, a control plane without a revision validates them.
 */
function defaultRevisionOf({revision, isDefault}: ControlPlaneInput): string {
  if (revision === undefined) return 'default'
  return isDefault ? revision : ''
}

/**
 * Returns the requested values that contradict the input. Namespace and revision are always compared; cluster name, network,
 * mesh ID and trust domain only if the input sets them.
 */
export function contradictions(input: ControlPlaneInput): Contradiction[] {
  const {namespace, revision = '', meshId, clusterName, network, trustDomain, requested} = input
  const required: [string[], string | undefined][] = [
    [['revision'], revision],
    [['global', 'istioNamespace'], namespace],
    [['global', 'meshID'], meshId],
    [['global', 'multiCluster', 'clusterName'], clusterName],
    [['global', 'network'], network],
    [['meshConfig', 'trustDomain'], trustDomain],
  ]
  return required.flatMap(([path, expected]) => {
    const value = leafAt(requested.values, path)
    if (expected === undefined || value === undefined || value === expected) return []
    return [{path: path.join('.'), requested: textOf(value), expected: expected || 'empty'}]
  })
}

/** A map with a key `toString` has no text. */
function textOf(value: Leaf): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** istioctl's profiles `minimal`, `default` and `empty` have no counterpart in the charts: they equal no profile. */
function chartProfile(profile: string | undefined): string | undefined {
  return profile === 'minimal' || profile === 'default' || profile === 'empty' ? undefined : profile
}
