import {checkRights} from '../../engine/cluster/rights.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import {exitCodes, MeshError, messageOf, type Problem} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {readFederationFacts} from '../../mesh/read.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import type {CaSource} from './ca-source.ts'
import {federationChecks} from './preflight/checks.ts'
import {federationRights} from './preflight/checks-rights.ts'
import type {Federation} from './spec.ts'

/** Reads all clusters side by side. One that does not answer is a problem of its own; all of them are told at once (exit 3). */
export async function readClusters(spec: Federation, run: Run): Promise<MeshMember[]> {
  const problems: Problem[] = []
  const all = await Promise.all(
    spec.contexts.map(async context => {
      const cluster = await connect(run.access, context)
      try {
        return resolveMember(spec, context, await readFederationFacts(cluster, spec))
      } catch (error) {
        problems.push({message: `${context}: ${messageOf(error)}`, hints: [`kubectl --context '${context}' version`]})
        return undefined
      }
    }),
  )
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return all.filter(member => member !== undefined)
}

/** Checks what was read before anything is written: warnings go to stderr, errors are thrown all at once (exit 3). */
export async function preflight(spec: Federation, all: readonly MeshMember[], ca: CaSource, run: Run): Promise<void> {
  const denied = new Map(
    await Promise.all(
      all.map(async ({cluster, facts, primary, rendered}) => {
        const wanted = federationRights(spec, primary !== undefined && rendered !== undefined)
        return [cluster, await inCluster(cluster, () => checkRights(facts!.cluster, wanted))] as const
      }),
    ),
  )
  reportFindings(runChecks(federationChecks, {spec, all, denied, roots: ca.roots, now: new Date()}), run)
}
