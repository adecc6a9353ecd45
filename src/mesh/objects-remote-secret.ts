import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, multiClusterLabel, remoteClusterAnnotation} from '../engine/kubernetes/labels.ts'
import type {ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {names, remoteSecretName} from '../istio/names.ts'
import {dumpYaml} from '../text/yaml.ts'

/** Access of istiod to another cluster's API server. */
export interface RemoteAccess {
  /** Name of the other cluster in the mesh. */
  target: string
  /** https URL of its API server that works from the holder's cluster. */
  server: string
  /** PEM; undefined to trust the certificate authorities of istiod's system. */
  certificateAuthority: string | undefined
  tlsServerName: string | undefined
  /** Token of its reader account. */
  token: string
}

/** The kinds that the builders of this file create. */
export const remoteSecretKinds: readonly ObjectKind[] = [{apiVersion: 'v1', kind: 'Secret'}]

/**
 * Returns the kubeconfig of a remote Secret. Cluster, context and user have the name of the target, and the token is
 * inline, because istiod rejects files and exec plugins. Same layout as `istioctl create-remote-secret`
 * (istioctl/pkg/multicluster/remote_secret.go, 1.31).
 *
 * The result for the same access is identical byte for byte: istiod reconnects whenever a byte changes.
 */
export function remoteKubeconfig(access: RemoteAccess): string {
  const {target} = access
  return dumpYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: target,
        cluster: {
          ...(access.certificateAuthority === undefined
            ? {}
            : {'certificate-authority-data': base64(access.certificateAuthority)}),
          server: access.server,
          ...(access.tlsServerName === undefined ? {} : {'tls-server-name': access.tlsServerName}),
        },
      },
    ],
    contexts: [{name: target, context: {cluster: target, user: target}}],
    'current-context': target,
    preferences: {},
    users: [{name: target, user: {token: access.token}}],
  })
}

/** A credential for one cluster. */
export interface Credential {
  /** Name of the cluster that it gives access to. */
  target: string
  /** undefined while it is not known. */
  kubeconfig: string | undefined
}

/** The cluster that holds remote Secrets. */
export interface Holder {
  cluster: string
  systemNamespace: string
}

/** Returns one remote Secret per credential. istiod uses the data key as the cluster's name. */
export function buildRemoteSecrets(holder: Holder, credentials: readonly Credential[]): Apply[] {
  return credentials.map(credential => {
    const {target} = credential
    return remoteSecret(holder, remoteSecretName(target), {[remoteClusterAnnotation]: target}, [credential])
  })
}

/**
 * Returns one Secret with a key per credential: fewer objects in a large mesh. istiod drops a cluster whose key is
 * missing.
 */
export function buildBundledSecret(holder: Holder, credentials: readonly Credential[]): Apply[] {
  return credentials.length === 0 ? [] : [remoteSecret(holder, names.bundledSecret, {}, credentials)]
}

function remoteSecret(
  holder: Holder,
  name: string,
  annotations: Record<string, string>,
  credentials: readonly Credential[],
): Apply {
  const unknown = credentials.filter(({kubeconfig}) => kubeconfig === undefined).map(({target}) => target)
  return {
    action: 'apply',
    cluster: holder.cluster,
    wave: waves.remoteSecrets,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: holder.systemNamespace,
        labels: {...managedByLabels, [multiClusterLabel]: 'true'},
        ...(Object.keys(annotations).length > 0 ? {annotations} : {}),
      },
      type: 'Opaque',
      data: Object.fromEntries(
        credentials.map(({target, kubeconfig}) => [target, kubeconfig === undefined ? '' : base64(kubeconfig)]),
      ),
    },
    ...(unknown.length > 0 ? {pending: `the credential for ${unknown.join(', ')} is created during apply`} : {}),
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
