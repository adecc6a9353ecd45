import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isClusterWide, isWorkload, namespacesIn} from './manifest.ts'

/** Where an add-on is installed. */
export interface AddonPlace {
  namespace: string
  /** Namespace of istiod. */
  systemNamespace: string
}

/** The namespace in the manifests of Istio's releases (samples/addons, 1.24–1.31). */
const sampleNamespace = 'istio-system'

/**
 * Returns the objects of a manifest for a namespace. Its cluster-wide objects get the namespace as a suffix unless it is that of
 * the manifest, so that add-ons of two namespaces do not share them. Texts that name the namespace of the manifest are
 * adapted too: addresses of Services of the add-ons get the new namespace, everything else means the namespace of istiod.
 */
export function adaptObjects(objects: readonly KubernetesObject[], place: AddonPlace): KubernetesObject[] {
  const [source = place.namespace] = namespacesIn(objects)
  const renamed = new Set(
    place.namespace === source
      ? []
      : objects.filter(isClusterWide).map(({kind, metadata}) => `${kind}/${metadata.name}`),
  )
  const nameOf = (kind: string, name: string) => (renamed.has(`${kind}/${name}`) ? `${name}-${place.namespace}` : name)
  const text = (value: string) => adaptText(value, source, place)
  return objects.map(object => {
    const {kind} = object
    const {namespace: _namespace, name, ...metadata} = withoutNulls(object.metadata)
    const where = isClusterWide(object) ? {} : {namespace: place.namespace}
    const adapted = {...object, metadata: {name: nameOf(kind, name), ...where, ...metadata}} as KubernetesObject
    delete adapted.status
    if (kind === 'ConfigMap') return {...adapted, data: mapValues(adapted.data, text)}
    if (isWorkload(object)) return {...adapted, spec: mapTexts(adapted.spec, text)}
    return {...adapted, ...withReferences(adapted, source, place.namespace, nameOf)}
  })
}

/** The references of a binding to its role and accounts. */
function withReferences(
  {roleRef, subjects}: KubernetesObject,
  source: string,
  namespace: string,
  nameOf: (kind: string, name: string) => string,
): Partial<KubernetesObject> {
  const role = roleRef as {kind: string; name: string} | undefined
  const accounts = subjects as {namespace?: string}[] | undefined
  return {
    ...(role ? {roleRef: {...role, name: nameOf(role.kind, role.name)}} : {}),
    ...(accounts ? {subjects: accounts.map(one => (one.namespace === source ? {...one, namespace} : one))} : {}),
  }
}

/** Services of istiod are in its namespace; all others that a manifest names are those of add-ons. */
function adaptText(text: string, source: string, {namespace, systemNamespace}: AddonPlace): string {
  if (source !== sampleNamespace) return text
  return text.replace(/(?<![\w-])((?:[a-z0-9-]+\.)?)istio-system(?![\w-])/g, (_, host: string) =>
    host === '' || host.startsWith('istiod') ? `${host}${systemNamespace}` : `${host}${namespace}`,
  )
}

/** A server-side apply does not distinguish null from a missing field, but managedFields do. */
function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)) as T
}

function mapValues(data: unknown, change: (text: string) => string): unknown {
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? change(value) : value]),
  )
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map(inner => mapTexts(inner, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]))
}
