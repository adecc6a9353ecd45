import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {multiClusterLabel} from '../../../engine/kubernetes/labels.ts'
import {readRevisionParents} from '../../../engine/plan/replaced-sets.ts'
import {MeshError} from '../../../errors.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {controlPlaneApplySet} from '../../../mesh/control-plane/objects.ts'
import {resolveMember} from '../../../mesh/members.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {servicesApplySet} from '../../../mesh/services/objects.ts'
import {rightsOfSet} from '../../../run/rights-of.ts'
import {connect, type Run} from '../../../run/run.ts'
import {clusterKeys} from './objects.ts'
import type {FederationRemove} from './spec.ts'
import {type RemovalCluster, type RemovalSubject, registrationKeys, unnamedPeers} from './subject.ts'

/**
 * Reads all clusters of a removal in parallel.
 *
 * @throws MeshError if a context is not valid. `--unreachable-ok` allows that for the leaving clusters.
 */
export async function readClusters(spec: FederationRemove, run: Run): Promise<RemovalSubject> {
  const [staying, leaving] = await Promise.all(
    [spec.from, spec.contexts].map(contexts => Promise.all(contexts.map(context => readCluster(spec, context, run)))),
  )
  const subject = {spec, staying: staying!, leaving: leaving!}
  const required = [...subject.staying, ...(spec.unreachableOk ? [] : subject.leaving)]
  const invalid = required.find(({error}) => error instanceof MeshError)
  if (invalid) throw invalid.error
  return subject
}

/**
 * Reads the clusters that still hold a credential for each leaving one: staying clusters, after their Secrets are removed, and
 * clusters outside the run that hold one according to the record.
 *
 * @returns names of the clusters by name of the leaving cluster; only those with a holder
 * @throws ApiError, UnreachableError
 */
export async function readHolders(subject: RemovalSubject): Promise<Map<string, string[]>> {
  const {spec, staying, leaving} = subject
  const held = await Promise.all(
    staying.map(async ({member: {cluster, facts}}) => {
      const labelSelector = `${multiClusterLabel}=true`
      const kind = {apiVersion: 'v1', kind: 'Secret'}
      const secrets = await facts!.cluster.list(kind, {namespace: spec.systemNamespace, labelSelector})
      return {cluster, keys: new Set(secrets.flatMap(clusterKeys))}
    }),
  )
  const holders = leaving.map(leaver => {
    const {cluster} = leaver.member
    const own = new Set(registrationKeys([leaver]).keys())
    const here = held.filter(({keys}) => !keys.isDisjointFrom(own)).map(one => one.cluster)
    return [cluster, [...here, ...unnamedPeers(leaver, subject, 'recorded')]] as [string, string[]]
  })
  return new Map(holders.filter(([, names]) => names.length > 0))
}

/**
 * Lists the sets of the control planes that `mesh federate` rendered in a remote cluster: one per revision.
 *
 * @throws ApiError, UnreachableError
 */
export async function readControlPlaneSets(
  cluster: Cluster,
  {systemNamespace}: {systemNamespace: string},
): Promise<ApplySet[]> {
  const set = controlPlaneApplySet({systemNamespace, revision: undefined})
  const parents = await readRevisionParents(cluster, set)
  return [set, ...parents.map(({metadata: {name}}) => ({...set, name}))]
}

/** The permissions that a removal needs. Only the record shows which names the DNS of the cluster serves. */
function removalRights(spec: FederationRemove): Right[] {
  const {systemNamespace} = spec
  const verbs = ['get', 'list', 'create', 'patch', 'delete']
  const dns = ['coredns', 'coredns-custom', 'kube-dns'].flatMap(name =>
    ['get', 'patch'].map((verb): Right => ({verb, group: '', resource: 'configmaps', namespace: 'kube-system', name})),
  )
  return [
    ...rightsOfSet(federationApplySet(spec), {verbs}),
    ...rightsOfSet(servicesApplySet(spec), {verbs}),
    ...rightsFor(['get', 'patch'], ['namespaces']),
    ...rightsFor(['get'], ['customresourcedefinitions.apiextensions.k8s.io']),
    ...rightsFor(['list'], ['services', 'gateways.networking.istio.io', 'gateways.gateway.networking.k8s.io']),
    ...rightsFor(['list'], ['deployments.apps', 'pods'], systemNamespace),
    ...dns,
  ]
}

async function readCluster(spec: FederationRemove, context: string, run: Run): Promise<RemovalCluster> {
  try {
    const cluster = await connect(run.access, context, removalRights(spec))
    const scope = {...spec, trustLabels: run.write.trustLabels}
    return {member: resolveMember(spec, context, await readFederationFacts(cluster, scope))}
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ApiError || error instanceof MeshError)) throw error
    return {member: resolveMember(spec, context, undefined), error}
  }
}
