import {isDeepStrictEqual} from 'node:util'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit, FieldEdit} from '../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refOf} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {kialiClusterAnnotation, kialiContainer, kialiMount, kialiSecretLabel} from '../../istio/kiali.ts'
import {kialiSecretName, readerAccounts} from '../../istio/names.ts'
import {buildReaderToken, readerKinds, type TokenNaming} from '../objects-reader.ts'
import type {Credential} from '../objects-remote-secret.ts'

/**
 * The ApplySet of Kiali's access in one cluster: the account with which Kiali of other clusters reads it, and the Secrets with which
 * its Kiali reads others.
 */
export function kialiAccessSet({systemNamespace}: {systemNamespace: string}): ApplySet {
  return {name: 'kubectl-mesh-kiali-access', namespace: systemNamespace, kinds: readerKinds}
}

const read = ['get', 'list', 'watch']

/**
 * What Kiali reads: the rules of Istio's manifest for it without the verbs that write (istio samples/addons/kiali.yaml, Kiali 2.27). It reads the
 * state of istiod and of proxies through port-forwards, and reviews the tokens of its users.
 */
const rules = [
  {
    apiGroups: [''],
    resources: [...['configmaps', 'endpoints', 'namespaces', 'pods', 'pods/log', 'replicationcontrollers', 'services']],
    verbs: read,
  },
  {apiGroups: [''], resources: ['pods/portforward'], verbs: ['create']},
  {
    apiGroups: ['extensions', 'apps'],
    resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: read,
  },
  {apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: read},
  {
    apiGroups: [
      ...['networking.istio.io', 'security.istio.io', 'extensions.istio.io', 'telemetry.istio.io'],
      ...['gateway.networking.k8s.io', 'inference.networking.k8s.io'],
    ],
    resources: ['*'],
    verbs: read,
  },
  {apiGroups: ['apps.openshift.io'], resources: ['deploymentconfigs'], verbs: read},
  {apiGroups: ['route.openshift.io'], resources: ['routes'], verbs: ['get']},
  {apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations'], verbs: read},
  {apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create']},
]

/** A cluster, and where its istiod is. */
interface Place {
  /** Name of the cluster in the mesh. */
  cluster: string
  systemNamespace: string
}

/** Returns the change that creates the record of Kiali's access in a cluster. */
export function kialiRecord(place: Place): Apply {
  return applySetParent(kialiAccessSet(place), place.cluster, {cluster: place.cluster})
}

/** Returns the account with which Kiali reads a cluster, its permissions, and the Secret behind its token. */
export function buildKialiReader(place: Place, token: TokenNaming): Apply[] {
  const {cluster, systemNamespace} = place
  const name = readerAccounts.kiali
  const labels = {...managedByLabels, app: name}
  const role = `${name}-${systemNamespace}`
  const rbac = 'rbac.authorization.k8s.io'
  const apply = (object: KubernetesObject): Apply => ({action: 'apply', cluster, wave: waves.credentials, object})
  return [
    apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name, namespace: systemNamespace, labels}}),
    apply({apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: {name: role, labels}, rules}),
    apply({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: {name: role, labels},
      roleRef: {apiGroup: rbac, kind: 'ClusterRole', name: role},
      subjects: [{kind: 'ServiceAccount', name, namespace: systemNamespace}],
    }),
    buildReaderToken({cluster, systemNamespace, ...token}),
  ]
}

/** Returns one Secret for Kiali per credential. Kiali uses the data key as the cluster's name. */
export function buildKialiSecrets(cluster: string, namespace: string, credentials: readonly Credential[]): Apply[] {
  return credentials.map(({target, kubeconfig}) => ({
    action: 'apply',
    cluster,
    wave: waves.remoteSecrets,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: kialiSecretName(target),
        namespace,
        labels: {...managedByLabels, [kialiSecretLabel]: 'true'},
        annotations: {[kialiClusterAnnotation]: target},
      },
      type: 'Opaque',
      data: {[target]: kubeconfig === undefined ? '' : Buffer.from(kubeconfig, 'utf8').toString('base64')},
    },
    ...(kubeconfig === undefined ? {pending: `the credential for ${target} is created during apply`} : {}),
  }))
}

/**
 * Returns the change that mounts Secrets into Kiali's pods, or removes their mounts. The pods restart, and Kiali reads the Secrets.
 *
 * @param secrets names of the Secrets
 */
export function kialiMountEdit(
  cluster: string,
  deployment: KubernetesObject,
  secrets: readonly string[],
  action: 'add' | 'remove',
): Change[] {
  if (secrets.length === 0) return []
  const podSpec = ['spec', 'template', 'spec']
  const mounts = [...podSpec, 'containers', String(kialiContainer(deployment)), 'volumeMounts']
  const edits = secrets.flatMap((secret): FieldEdit[] => {
    const {volume, mount} = kialiMount(secret)
    return [
      entryEdit([...podSpec, 'volumes'], volume, `volume ${volume.name}`, action),
      entryEdit(mounts, mount, `mount ${mount.mountPath}`, action),
    ]
  })
  const edit: Edit = {
    ...{action: 'edit', cluster, wave: waves.remoteSecrets, target: refOf(deployment), edits},
    ...(action === 'remove' ? {undoes: true} : {}),
  }
  return [edit]
}

function entryEdit(path: string[], entry: KialiEntry, what: string, action: 'add' | 'remove'): FieldEdit {
  const isOther = (one: unknown) => (one as {name?: string} | null)?.name !== entry.name
  if (action === 'remove') return {at: 'entries', path, about: `remove ${what}`, keeps: isOther}
  const json = {...entry}
  return {
    at: 'entries',
    path,
    about: `add ${what}`,
    keeps: one => isOther(one) || isDeepStrictEqual(one, json),
    add: json,
  }
}

type KialiEntry = ReturnType<typeof kialiMount>['volume' | 'mount']
