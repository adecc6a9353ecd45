import type {ControlPlaneInput} from './input.ts'
import {compactTree, leafAt, mergeTrees, type Tree} from './tree.ts'

/** What is named twice, in different ways. */
export interface Contradiction {
  /** Path among the Helm values: `global.istioNamespace`. */
  path: string
  said: string
  /** What it has to be. */
  must: string
}

/** Helm values of the istiod chart (istio manifests/charts/istio-control/istio-discovery, 1.24–1.31) for a control plane. */
export function helmValues(input: ControlPlaneInput): Tree {
  const {namespace, revision, meshId, clusterName, network, trustDomain, discoverySelectors, isDefault} = input
  const ours = compactTree({
    profile: chartProfile(input.profile),
    ...(isDefault ? {revisionTags: ['default']} : {}),
    global: {
      meshID: meshId,
      network,
      multiCluster: {clusterName},
    },
    meshConfig: {trustDomain, discoverySelectors},
  })
  const fixed = compactTree({revision, global: {istioNamespace: namespace}})
  // '' keeps the base chart from making everybody's validator; compactTree would keep it, a merge of nothing would not
  // one without a revision validates what carries none, as after `istioctl install`
  const defaultRevision = isDefault || revision === undefined ? (revision ?? 'default') : ''
  return mergeTrees({defaultRevision}, ours, input.requested.values, fixed)
}

/**
 * What the user's own values say against what has to be: namespace and revision, and of names in the mesh those that are
 * given. These can't have two answers.
 */
export function contradictions(input: ControlPlaneInput): Contradiction[] {
  const {namespace, revision, meshId, clusterName, network, trustDomain, requested} = input
  const given = (
    [
      [['global', 'meshID'], meshId],
      [['global', 'multiCluster', 'clusterName'], clusterName],
      [['global', 'network'], network],
      [['meshConfig', 'trustDomain'], trustDomain],
    ] satisfies [string[], string | undefined][]
  ).filter(([, must]) => must !== undefined)
  const musts: [string[], string | undefined][] = [
    [['revision'], revision],
    [['global', 'istioNamespace'], namespace],
    ...given,
  ]
  return musts.flatMap(([path, must]) => {
    const found = leafAt(requested.values, path)
    if (found === undefined || found === (must ?? '')) return []
    return [{path: path.join('.'), said: String(found), must: must ?? 'empty'}]
  })
}

/** The charts' own profiles hold what differs from no profile; istioctl's `minimal` and `default` do not. */
function chartProfile(profile: string | undefined): string | undefined {
  return profile === 'minimal' || profile === 'default' || profile === 'empty' ? undefined : profile
}
