import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, multiClusterLabel, remoteClusterAnnotation} from '../engine/kubernetes/labels.ts'
import type {ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {names, remoteSecretName} from '../istio/names.ts'
import {dumpYaml} from '../text/yaml.ts'

/** How istiod reaches another cluster's API server. */
export interface RemoteAccess {
  /** Name of the cluster that it leads to. */
  target: string
  /** https URL of its API server, as seen from the other clusters. */
  server: string
  /** PEM; without it the system's own authorities are trusted. */
  certificateAuthority: string | undefined
  tlsServerName: string | undefined
  /** Token of its reader account. */
  token: string
}

/** The kinds of the builders here. */
export const remoteSecretKinds: readonly ObjectKind[] = [{apiVersion: 'v1', kind: 'Secret'}]

/**
 * The kubeconfig that a remote Secret holds: cluster, context and user all named after the target, an inline token, as
 * `istioctl create-remote-secret` writes it (istioctl/pkg/multicluster/remote_secret.go, 1.31). istiod refuses files and
 * exec plugins. Byte-stable: istiod reconnects when a byte changes.
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

/** The credential for one cluster, in another: `kubeconfig` undefined means that it is not known yet, `pending` why. */
export interface Credential {
  target: string
  kubeconfig: string | undefined
}

/** Where remote Secrets go. */
export interface Holder {
  cluster: string
  systemNamespace: string
}

/** One remote Secret for each credential; istiod takes the data key as the cluster's name. */
export function buildRemoteSecrets(holder: Holder, credentials: readonly Credential[]): Apply[] {
  return credentials.map(({target, kubeconfig}) => ({
    ...remoteSecret(holder, remoteSecretName(target), {[remoteClusterAnnotation]: target}, [{target, kubeconfig}]),
  }))
}

/** One Secret with a key for each credential: less objects in a large fleet. A key that is left out is a cluster that istiod forgets. */
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
    ...(unknown.length > 0 ? {pending: `the credential of ${unknown.join(', ')} is made during apply`} : {}),
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
