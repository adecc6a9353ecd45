import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {MeshError} from '../../../errors.ts'
import {resolveMember} from '../../../mesh/members.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {connect, type Run} from '../../../run/run.ts'
import type {FederationRemove} from './spec.ts'
import type {RemovalCluster, RemovalSubject} from './subject.ts'

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

async function readCluster(spec: FederationRemove, context: string, run: Run): Promise<RemovalCluster> {
  try {
    const cluster = await connect(run.access, context)
    const scope = {...spec, trustLabels: run.write.trustLabels}
    return {member: resolveMember(spec, context, await readFederationFacts(cluster, scope))}
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof ApiError || error instanceof MeshError)) throw error
    return {member: resolveMember(spec, context, undefined), error}
  }
}
