import type {ControlPlaneInput} from './input.ts'
import {compactTree, isTree, mergeTrees, type Tree} from './tree.ts'

/** The profile that turns on ambient mode in every chart and in istioctl. It does not contain the switch for several networks. */
export const ambientProfile = 'ambient'

/** Variables of istiod for ambient mode in several networks. Istio's profile `ambient` has only the first (1.31). */
export const ambientEnv: Readonly<Record<string, string>> = {
  PILOT_ENABLE_AMBIENT: 'true',
  AMBIENT_ENABLE_MULTI_NETWORK: 'true',
}

/**
 * Returns the names that ztunnel needs in several networks, as `values.ztunnel` of an IstioOperator and of a ZTunnel of the Sail
 * operator. Values that the user requests under `ztunnel` have precedence.
 */
export function ztunnelNames({clusterName, network, requested}: ControlPlaneInput): Tree {
  const {ztunnel} = requested.values
  return mergeTrees(compactTree({network, multiCluster: {clusterName}}), isTree(ztunnel) ? ztunnel : {})
}

/** Returns the Helm values of the ztunnel chart, which has no prefix (manifests/charts/ztunnel/values.yaml, 1.24–1.31). */
export function ztunnelValues(input: ControlPlaneInput): Tree {
  const {namespace, revision, requested} = input
  const {hub, tag, variant} = globalOf(requested.values)
  return mergeTrees(compactTree({revision, istioNamespace: namespace, hub, tag, variant}), ztunnelNames(input))
}

/** Returns the Helm values of the istio-cni chart (manifests/charts/istio-cni/values.yaml, 1.24–1.31). */
export function cniValues({revision, requested}: ControlPlaneInput): Tree {
  const {cni} = requested.values
  return compactTree({profile: ambientProfile, revision, global: globalOf(requested.values), cni})
}

function globalOf({global}: Tree): Tree {
  return isTree(global) ? global : {}
}
