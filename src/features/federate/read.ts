import {checkRights} from '../../engine/cluster/rights.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import {exitCodes, MeshError, messageOf, type Problem} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {readFederationFacts} from '../../mesh/read.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {CaSource} from './ca-source.ts'
import {federationChecks} from './preflight/checks.ts'
import {federationRights} from './preflight/checks-rights.ts'
import type {Federation} from './spec.ts'

/**
 * Reads all clusters in parallel.
 *
 * @throws MeshError (exit 3) that lists all clusters that cannot be read
 */
export async function readClusters(spec: Federation, run: Run): Promise<MeshMember[]> {
  const problems: Problem[] = []
  const all = await Promise.all(
    spec.contexts.map(async context => {
      const cluster = await connect(run.access, context)
      try {
        return resolveMember(spec, context, await readFederationFacts(cluster, spec))
      } catch (error) {
        const hint = `kubectl --context ${shellWord(context)} version`
        problems.push({message: `${context}: ${messageOf(error)}`, hints: [hint]})
        return undefined
      }
    }),
  )
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return all.filter(member => member !== undefined)
}

/**
 * Runs the preflight checks before anything is written, and prints warnings to stderr.
 *
 * @throws MeshError (exit 3) that lists all findings of level error
 */
export async function preflight(spec: Federation, all: readonly MeshMember[], ca: CaSource, run: Run): Promise<void> {
  const denied = new Map(
    await Promise.all(
      all.map(async ({cluster, facts, primary, rendered}) => {
        const rights = federationRights(spec, primary !== undefined && rendered !== undefined)
        return [cluster, await inCluster(cluster, () => checkRights(facts!.cluster, rights))] as const
      }),
    ),
  )
  reportFindings(runChecks(federationChecks, {spec, all, denied, roots: ca.roots, now: new Date()}), run)
}
