import type {LabelSelector} from '../selectors.ts'
import type {Tree} from './tree.ts'

/**
 * What a control plane shall be, whatever tool renders it: istioctl, Helm or the Sail operator. Of what is undefined the
 * tool's own default holds.
 */
export interface ControlPlaneInput {
  /** Namespace of istiod: `global.istioNamespace`. */
  namespace: string
  /** undefined: a control plane without a revision. */
  revision?: string | undefined
  /** istioctl's profile; `minimal` and `default` are what the charts are without one. */
  profile?: string | undefined
  meshId?: string | undefined
  clusterName?: string | undefined
  network?: string | undefined
  trustDomain?: string | undefined
  /** The namespaces that istiod watches, unless `said` has its own. */
  discoverySelectors?: readonly LabelSelector[] | undefined
  /** Also for namespaces that ask for no revision (`istio-injection=enabled`), and validator of what carries none. */
  isDefault: boolean
  /** What the user said beside: files and `--set`. */
  requested: RequestedValues
}

/** Values of the user, whatever form they came in. */
export interface RequestedValues {
  /** Helm values of the istiod chart, with `meshConfig`. */
  values: Tree
  /** What only an IstioOperator can say: `components`, … */
  operator: Tree
}
