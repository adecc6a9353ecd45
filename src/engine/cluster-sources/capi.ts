import {refusedError} from '../../errors.ts'
import {type ClusterEntry, readKubeconfigFile, type UserEntry} from '../kubeconfig/entries.ts'
import {parseKubeconfigYaml} from '../kubeconfig/yaml.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {
  checkedCluster,
  fileRefused,
  insteadOfProgram,
  labelsOf,
  noUser,
  type SourcedCluster,
  secretText,
} from './sourced-cluster.ts'

/** Label of all Secrets of a workload cluster (Cluster API, api/core/v1beta2, `ClusterNameLabel`, 1.14). */
export const capiSelector = 'cluster.x-k8s.io/cluster-name'

const type = 'cluster.x-k8s.io/secret'
const suffix = '-kubeconfig'

/**
 * Whether a Secret contains the kubeconfig of a workload cluster. Its certificate authorities have the same label and type
 * (Cluster API, util/secret, 1.14).
 */
export function isCapiKubeconfig(secret: KubernetesObject): boolean {
  return secret.type === type && secret.metadata.name.endsWith(suffix) && secret.metadata.name !== suffix
}

/**
 * Returns the cluster of a kubeconfig Secret of Cluster API: that of its current context.
 *
 * Threat: a kubeconfig can start programs and read files of the machine that uses it. Only data inside the Secret is used.
 *
 * @param at where the Secret is, for messages
 * @throws MeshError, which quotes nothing of the kubeconfig
 */
export function capiCluster(secret: KubernetesObject, at: string): SourcedCluster {
  const value = secretText(secret, 'value', at)
  if (value === '') throw refusedError(`${at}: the key "value" is missing`, 'wait until Cluster API has created it')
  const file = readKubeconfigFile(parseKubeconfigYaml(value, at), at)
  const context = file.contexts.get(file.currentContext)
  const cluster = context && file.clusters.get(context.cluster)
  if (!cluster) throw refusedError(`${at}: the kubeconfig has no current context with a cluster`, 'correct the Secret')
  const user = file.users.get(context.user) ?? noUser
  refuseOutside(user, cluster, at)
  return checkedCluster(
    {name: secret.metadata.name.slice(0, -suffix.length), labels: labelsOf(secret), cluster, user},
    at,
  )
}

/** Refuses what has an effect outside the Secret. */
function refuseOutside(user: UserEntry, cluster: ClusterEntry, at: string): void {
  const program = user.exec ? 'exec' : user.authProvider ? 'auth-provider' : undefined
  if (program !== undefined)
    throw refusedError(
      `${at}: the kubeconfig sets ${program}, which is not run: whoever writes the Secret would choose the program`,
      insteadOfProgram,
    )
  const files = {
    tokenFile: user.tokenFile,
    'client-certificate': user.clientCertificate,
    'client-key': user.clientKey,
    'certificate-authority': cluster.certificateAuthority,
  }
  const [field] = Object.entries(files).find(([, path]) => path !== '') ?? []
  if (field !== undefined) throw fileRefused(field, at)
}
