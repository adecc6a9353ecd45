import {createHash} from 'node:crypto'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** On a Secret with kubeconfigs for Kiali (chart kiali-server 2.27, clustering.autodetect_secrets). */
export const kialiSecretLabel = 'kiali.io/multiCluster'

/** On such a Secret: name of the cluster of its kubeconfig (kiali-prepare-remote-cluster.sh, 2.27). */
export const kialiClusterAnnotation = 'kiali.io/cluster'

/** The labels of Kiali's Deployment in Istio's manifests and in the chart. */
export const kialiSelector = 'app.kubernetes.io/name=kiali'

/** Returns whether labels are those of Kiali. */
export function isKiali(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.app === 'kiali' || labels?.['app.kubernetes.io/name'] === 'kiali'
}

/** Kiali reads `<folder>/<Secret>/<cluster>` at its start: a kubeconfig with one cluster (kiali kubernetes/cluster.go). */
const secretsFolder = '/kiali-remote-cluster-secrets'

/** An entry of the lists in a pod template. */
export interface SecretVolume {
  name: string
  secret: {secretName: string; optional: true; defaultMode: number}
}

/** A Secret for Kiali as a volume of its pods, and where it is mounted. */
export interface KialiMount {
  volume: SecretVolume
  mount: {name: string; mountPath: string; readOnly: true}
}

/**
 * Returns the mount of a Secret. The chart creates one for each Secret that it finds in the cluster; the manifests of Istio are
 * rendered without a cluster and have none. Without the Secret, the pods start nevertheless.
 */
export function kialiMount(secretName: string): KialiMount {
  const readable = secretName.replace(/^kiali-remote-cluster-secret-/, 'remote-')
  const isLabel = /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/.test(readable)
  const name = isLabel ? readable : `remote-${createHash('sha256').update(secretName).digest('hex').slice(0, 16)}`
  return {
    // The API server would add this mode.
    volume: {name, secret: {secretName, optional: true, defaultMode: 0o644}},
    mount: {name, mountPath: `${secretsFolder}/${secretName}`, readOnly: true},
  }
}

interface PodSpec {
  containers?: {name?: string; volumeMounts?: {name?: string; mountPath?: string}[]}[]
  volumes?: {name?: string; secret?: {secretName?: string}}[]
}

function podSpecOf({spec}: KubernetesObject): PodSpec {
  return (spec as {template?: {spec?: PodSpec}} | undefined)?.template?.spec ?? {}
}

/** Returns the index of Kiali's container: the one with its configuration. */
export function kialiContainer(deployment: KubernetesObject): number {
  const {containers = []} = podSpecOf(deployment)
  const at = containers.findIndex(({volumeMounts = []}) =>
    volumeMounts.some(({mountPath}) => mountPath === '/kiali-configuration'),
  )
  return Math.max(0, at)
}

/** Returns whether Kiali's pods mount a Secret where Kiali looks for kubeconfigs. */
export function mountsSecret(deployment: KubernetesObject, secretName: string): boolean {
  const {containers = [], volumes = []} = podSpecOf(deployment)
  const {volumeMounts = []} = containers[kialiContainer(deployment)] ?? {}
  const names = volumes.flatMap(({name, secret}) => (secret?.secretName === secretName ? [name] : []))
  return volumeMounts.some(
    ({name, mountPath = ''}) => names.includes(name) && mountPath.startsWith(`${secretsFolder}/`),
  )
}
