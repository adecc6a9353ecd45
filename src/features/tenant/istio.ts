import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readControlPlane} from '../../istio/control-plane.ts'
import {isDiscovered, type LabelSelector} from '../../istio/selectors.ts'
import {loadYaml} from '../../text/yaml.ts'

/** One control plane of a cluster that holds several, as its own objects describe it. */
export interface Tenant {
  /** What its maker called it; else its revision, or its namespace when it has none. */
  name: string
  /** System namespace. */
  namespace: string
  /** `default` when it has no revision. */
  revision: string
  version: string | undefined
  replicas: number
  ready: number
  /** `discoverySelectors` of its mesh config; empty: it watches all namespaces. */
  selectors: LabelSelector[]
  /** Namespace whose policies are the mesh's. */
  rootNamespace: string
  /** Name of the ConfigMap with the root that it writes into every namespace. */
  trustBundle: string
  /** Name of the ConfigMap with revoked certificates beside it (1.29). */
  revocations: string
  /** The label that a namespace is given to become its; undefined when its selectors are no single label. */
  label: {key: string; value: string} | undefined
  /** How `mesh tenant add` made it; undefined: others did. */
  via: string | undefined
  /** istiod's Deployment is there. */
  installed: boolean
}

/** Name of the ConfigMap by which we know a tenant: the parent of its ApplySet. */
export const tenantRecord = 'kubectl-mesh-tenant'

/**
 * Puts a tenant together from istiod's Deployment, the ConfigMap `istio[-rev]` and our record of it; the last two may lack.
 */
export function readTenant(
  deployment: KubernetesObject,
  mesh: KubernetesObject | undefined,
  record: KubernetesObject | undefined,
): Tenant {
  const plane = readControlPlane(deployment, mesh, undefined)
  const config = meshOf(mesh)
  const selectors = Array.isArray(config.discoverySelectors) ? (config.discoverySelectors as LabelSelector[]) : []
  const said = record?.data as Record<string, string> | undefined
  const ours = said?.revision === plane.revision ? said : undefined
  return {
    name: ours?.tenant ?? (plane.revision === 'default' ? plane.namespace : plane.revision),
    namespace: plane.namespace,
    revision: plane.revision,
    version: plane.version,
    replicas: plane.replicas,
    ready: plane.ready,
    selectors,
    rootNamespace: typeof config.rootNamespace === 'string' ? config.rootNamespace : plane.namespace,
    trustBundle: envOf(deployment, 'PILOT_CA_CERT_CONFIGMAP') ?? 'istio-ca-root-cert',
    revocations: envOf(deployment, 'PILOT_CRL_CONFIGMAP') ?? 'istio-ca-crl',
    label: labelIn(ours?.selector) ?? onlyLabel(selectors),
    via: ours?.via,
    installed: true,
  }
}

/** A tenant of which we have a record and no istiod: made with `--via none`, or not yet by the Sail operator. */
export function readRecord(record: KubernetesObject): Tenant {
  const said = (record.data ?? {}) as Record<string, string>
  const namespace = record.metadata.namespace ?? ''
  const label = labelIn(said.selector)
  return {
    name: said.tenant ?? namespace,
    namespace,
    revision: said.revision ?? 'default',
    version: undefined,
    replicas: 0,
    ready: 0,
    selectors: label ? [{matchLabels: {[label.key]: label.value}}] : [],
    rootNamespace: namespace,
    trustBundle: 'istio-ca-root-cert',
    revocations: 'istio-ca-crl',
    label,
    via: said.via,
    installed: false,
  }
}

/** Whether a tenant's istiod watches a namespace. */
export function watches(tenant: Tenant, namespace: KubernetesObject): boolean {
  return isDiscovered(tenant.selectors, namespace.metadata.labels ?? {})
}

function labelIn(text: string | undefined): {key: string; value: string} | undefined {
  const at = text?.indexOf('=') ?? -1
  return at > 0 ? {key: text!.slice(0, at), value: text!.slice(at + 1)} : undefined
}

function onlyLabel(selectors: readonly LabelSelector[]): {key: string; value: string} | undefined {
  const [selector] = selectors
  const pairs = Object.entries(selector?.matchLabels ?? {})
  if (pairs.length !== 1 || (selector?.matchExpressions?.length ?? 0) > 0) return undefined
  const [key, value] = pairs[0]!
  return {key, value}
}

/** A mesh config that can't be read says nothing here. */
function meshOf(mesh: KubernetesObject | undefined): Record<string, unknown> {
  try {
    return (loadYaml((mesh?.data as Record<string, string> | undefined)?.mesh ?? '') ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

function envOf(deployment: KubernetesObject, name: string): string | undefined {
  const spec = deployment.spec as
    | {template?: {spec?: {containers?: {name: string; env?: {name: string; value?: string}[]}[]}}}
    | undefined
  const container = spec?.template?.spec?.containers?.find(each => each.name === 'discovery')
  return container?.env?.find(entry => entry.name === name)?.value || undefined
}
