import {peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {isCreated} from '../../../mesh/facts.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readRemoteRecord} from '../../../mesh/record.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import type {FederationRemove} from './spec.ts'

/** A cluster of a removal. Without facts if it could not be read. */
export interface RemovalCluster {
  member: MeshMember
  /** Why it could not be read. */
  error?: unknown
}

/** All clusters of a removal. */
export interface RemovalSubject {
  spec: FederationRemove
  staying: readonly RemovalCluster[]
  leaving: readonly RemovalCluster[]
}

/**
 * The keys under which remote Secrets may register clusters, with the name of the cluster: its name, and the UID of its namespace
 * kube-system, which `istioctl create-remote-secret` uses without `--name` (1.31).
 */
export function registrationKeys(clusters: readonly RemovalCluster[]): Map<string, string> {
  return new Map(
    clusters.flatMap(({member: {cluster, facts}}) =>
      [cluster, ...(facts?.uid ? [facts.uid] : [])].map(key => [key, cluster]),
    ),
  )
}

/** The registration keys of all clusters of a removal. */
export function allRegistrationKeys({staying, leaving}: RemovalSubject): Map<string, string> {
  return registrationKeys([...leaving, ...staying])
}

/** The remote Secrets of a cluster that kubectl-mesh did not create. */
export function foreignRemoteSecrets({facts}: MeshMember): KubernetesObject[] {
  return facts!.remoteSecrets.filter(secret => !isCreated(secret, facts!))
}

/**
 * Returns the clusters outside the run that share credentials with a leaving cluster: those that it reads, its primary, and
 * those that hold a token for it. Only remote Secrets that kubectl-mesh created prove that the other side has one too.
 *
 * @param proof `recorded`: only what the record proves; `any`: also what remote Secrets of others let expect
 */
export function unnamedPeers(
  {member: {facts}}: RemovalCluster,
  subject: RemovalSubject,
  proof: 'recorded' | 'any',
): string[] {
  const keys = allRegistrationKeys(subject)
  const credentials = (facts ? credentialsIn(facts) : []).filter(({ours}) => ours || proof === 'any')
  const peers = [
    // A key without the address of a server gives access to no cluster.
    ...credentials.flatMap(({target, kubeconfig}) => (accessIn(kubeconfig)?.server === undefined ? [] : [target])),
    // A remote cluster has no remote Secrets; its primary has one for it.
    readRemoteRecord(facts?.record)?.primary,
    ...(facts?.created ?? []).map(({metadata}) => metadata.annotations?.[peerAnnotation]),
  ]
  return [...new Set(peers)].filter(name => name !== undefined && !keys.has(name)) as string[]
}
