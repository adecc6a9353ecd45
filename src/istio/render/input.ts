import type {LabelSelector} from '../selectors.ts'
import type {Tree} from './tree.ts'

/**
 * The requested control plane, independent of the tool that renders it: istioctl, Helm or the Sail operator. The default of
 * the tool applies to every value that is undefined.
 */
export interface ControlPlaneInput {
  /** Namespace of istiod: `global.istioNamespace`. */
  namespace: string
  /** Undefined for a control plane without a revision. */
  revision?: string | undefined
  /** Profile as istioctl names it. The charts have no profiles `minimal` and `default`: these are their own defaults. */
  profile?: string | undefined
  meshId?: string | undefined
  clusterName?: string | undefined
  network?: string | undefined
  trustDomain?: string | undefined
  /** The namespaces that istiod watches, unless `requested` sets other selectors. */
  discoverySelectors?: readonly LabelSelector[] | undefined
  /** Also inject namespaces labelled `istio-injection=enabled`, and validate resources without a revision. */
  isDefault: boolean
  /** Also serve pods in ambient mode in several networks, and render istio-cni and ztunnel. */
  ambient?: true | undefined
  /** Values from files and `--set`. */
  requested: RequestedValues
}

/** Values that the user sets, from Helm values and IstioOperator files alike. */
export interface RequestedValues {
  /** Helm values of the istiod chart, including `meshConfig`. */
  values: Tree
  /** Fields of an IstioOperator that have no Helm value, such as `components`. */
  operator: Tree
}
