import {contextName, dnsLabel} from '../../spec/texts.ts'

/** The kinds of inventories that can be read. */
export const sourceKinds = ['clusterprofile', 'capi', 'argocd'] as const

/** One of the kinds of inventories. */
export type SourceKind = (typeof sourceKinds)[number]

/** A namespace of a cluster that describes other clusters: `capi://CTX/NAMESPACE?SELECTOR`. */
export interface ClusterSource {
  kind: SourceKind
  /** Kubeconfig context of the cluster with the inventory; '' for the current one. */
  context: string
  namespace: string
  /** Label selector in the notation of kubectl; '' for all. */
  selector: string
  /** As the user typed it. */
  text: string
}

/** Clusters of a source, selected by labels (`spec.clusters` of a mesh file). */
export interface ClusterSelection {
  /** As for `--clusters-from`. */
  from: string
  /** Labels that the object of a cluster must have, beside the selector of the source. */
  matchLabels: Readonly<Record<string, string>>
}

/** How a source is written, for messages. */
export const sourceForm =
  'clusterprofile://CTX/NAMESPACE, capi://CTX/NAMESPACE or argocd://CTX/NAMESPACE, optionally with ?SELECTOR'

/**
 * Parses a source. Nothing in it is percent-encoded. A context may contain slashes, as in the ARN of an EKS cluster: the namespace
 * follows the last one.
 *
 * @returns undefined if the text is no source
 */
export function parseClusterSource(text: string): ClusterSource | undefined {
  // The check rejects control characters.
  const match = contextName(text) === undefined ? /^([a-z]+):\/\/([^?]*)\/([^/?]+)(?:\?(.*))?$/.exec(text) : null
  const [, scheme, context = '', namespace = '', selector = ''] = match ?? []
  const kind = sourceKinds.find(one => one === scheme)
  if (kind === undefined || dnsLabel(namespace) !== undefined) return undefined
  return {kind, context, namespace, selector, text}
}
