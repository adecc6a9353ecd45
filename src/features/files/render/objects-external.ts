import {multiClusterLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {remoteKubeconfig} from '../../../mesh/objects-remote-secret.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {isBundle} from '../../../mesh/remote-secrets.ts'
import {readPemBlocks} from '../../../pki/read.ts'
import {isMap} from '../../../text/json.ts'
import {inKeyOrder} from '../../../text/yaml.ts'
import {objectNameOf} from './objects-names.ts'
import type {SecretStore} from './spec-secrets.ts'

/** What the name of a Secret in the store depends on, besides the Secret. */
export interface StoredFor {
  /** Name of the document that the Secret comes from. */
  document: string
  /** Name of the cluster that has the Secret. */
  cluster: string
}

/** A value that External Secrets reads. */
interface StoredValue {
  secretKey: string
  remoteRef: {key: string; property: string}
}

/** What External Secrets reads, and the template with what it builds from that. Without a template, it copies the values. */
interface Content {
  data: StoredValue[]
  template?: Record<string, string>
}

/** Azure Key Vault allows no longer name, and only letters, digits and dashes. Other stores allow more. */
const maxKeyLength = 127

/**
 * Returns the ExternalSecret (external-secrets.io/v1, External Secrets 1.3) from which External Secrets creates a Secret. For a remote
 * Secret, the store only contains the token. For others, it contains each value under its key.
 *
 * @returns undefined for a remote Secret that is not as kubectl-mesh creates it: no part of it is known to be public
 */
export function externalSecretOf(
  secret: KubernetesObject,
  stored: StoredFor,
  store: SecretStore,
): KubernetesObject | undefined {
  const {name, namespace, labels, annotations} = secret.metadata
  const key = storeKeyOf(secret, stored)
  const isRemote = labels?.[multiClusterLabel] === 'true'
  const content = isRemote ? remoteContent(secret, key) : {data: plainData(secret, key)}
  if (!content || content.data.length === 0) return undefined
  return inKeyOrder({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: {name, ...(namespace === undefined ? {} : {namespace})},
    spec: {
      data: content.data,
      secretStoreRef: {kind: store.kind, name: store.name},
      target: {
        name,
        template: {
          ...(content.template ? {data: content.template} : {}),
          metadata: {
            ...(labels ? {labels: escapedValues(labels)} : {}),
            ...(annotations ? {annotations: escapedValues(annotations)} : {}),
          },
          type: (secret.type as string | undefined) ?? 'Opaque',
        },
      },
    },
  })
}

/**
 * Returns the name of a Secret in the store, different for different Secrets: `kubectl-mesh--prod--west--istio-system--istio-remote-secret-east`.
 * All stores allow its characters.
 */
export function storeKeyOf({metadata}: KubernetesObject, {document, cluster}: StoredFor): string {
  const parts = [document, cluster, metadata.namespace ?? '', metadata.name]
  const isUnique = parts.every(part => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(part))
  const text = `kubectl-mesh--${parts.join('--')}`
  if (isUnique && text.length <= maxKeyLength) return text
  return objectNameOf(JSON.stringify(['kubectl-mesh', ...parts]), maxKeyLength)
}

/** Returns the names in the store that an ExternalSecret of `externalSecretOf` reads. */
export function storeKeysIn({spec}: KubernetesObject): string[] {
  const data = isMap(spec) && Array.isArray(spec.data) ? spec.data : []
  return data.flatMap(one => (isMap(one) && isMap(one.remoteRef) ? [String(one.remoteRef.key)] : []))
}

function plainData(secret: KubernetesObject, key: string): StoredValue[] {
  return Object.keys(dataOf(secret)).map(secretKey => ({secretKey, remoteRef: {key, property: secretKey}}))
}

/** The kubeconfig of each cluster as a template of its token. */
function remoteContent(secret: KubernetesObject, key: string): Content | undefined {
  const entries = Object.entries(dataOf(secret)).map(([target, data]) => {
    const property = isBundle(secret) ? target : 'token'
    const template = kubeconfigTemplate(target, Buffer.from(data, 'base64').toString('utf8'), property)
    return template === undefined ? undefined : {target, property, template}
  })
  const known = entries.filter(entry => entry !== undefined)
  if (known.length < entries.length) return undefined
  return {
    data: known.map(({property}) => ({secretKey: property, remoteRef: {key, property}})),
    template: Object.fromEntries(known.map(({target, template}) => [target, template])),
  }
}

/** Stands for the token. */
const placeholder = 'kubectl-mesh-token'

/**
 * Returns a Go template that becomes a kubeconfig, byte for byte, with its token.
 *
 * Threat: a kubeconfig may contain passwords and keys in many places, also in the URL. Only one that consists of what
 * `remoteKubeconfig` writes is accepted. Names of clusters may contain instructions of a template.
 *
 * @param property name of the token in the template
 */
function kubeconfigTemplate(target: string, kubeconfig: string, property: string): string | undefined {
  const {server = '', token = '', authority, serverName} = accessIn(kubeconfig) ?? {}
  const access = {target, server, certificateAuthority: authority, tlsServerName: serverName, token}
  // The template inserts the token without quotes.
  const isPlain = /^[A-Za-z][\w-]*(\.[\w-]+){2}$/.test(token)
  if (!isPlain || !isPublic(server, authority) || remoteKubeconfig(access) !== kubeconfig) return undefined
  const parts = remoteKubeconfig({...access, token: placeholder}).split(`token: ${placeholder}\n`)
  if (parts.length !== 2 || parts.some(part => part.includes(token))) return undefined
  return parts.map(escaped).join(`token: {{ index . ${JSON.stringify(property)} }}\n`)
}

function isPublic(server: string, authority: string | undefined): boolean {
  const url = URL.parse(server)
  const hasCredentials = !url || `${url.username}${url.password}${url.search}${url.hash}` !== ''
  const blocks = authority === undefined ? [] : readPemBlocks(authority)
  const known = blocks.reduce((rest, {text}) => rest.replace(text.trim(), ''), authority ?? '')
  return !hasCredentials && blocks.every(({type}) => type === 'CERTIFICATE') && known.trim() === ''
}

function dataOf({data}: KubernetesObject): Record<string, string> {
  return (data ?? {}) as Record<string, string>
}

function escapedValues(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, escaped(value)]))
}

/** External Secrets reads labels and annotations as templates, too. */
function escaped(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}')
}
