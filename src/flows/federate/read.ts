import {type Finding, problemsOf, runChecks} from '../../checks/check.ts'
import {federationChecks} from '../../checks/federation.ts'
import {federationRights} from '../../checks/federation-rights.ts'
import {inCluster} from '../../cluster/in-cluster.ts'
import {checkRights} from '../../cluster/rights.ts'
import {exitCodes, MeshError, messageOf, type Problem} from '../../errors.ts'
import {readFederationFacts} from '../../facts/federation.ts'
import {type Joining, resolveJoining} from '../../facts/members.ts'
import {formatWarnings} from '../../output/findings.ts'
import type {Federation} from '../../specs/federation.ts'
import {connect, type Run} from '../run.ts'
import type {CaSource} from './ca-source.ts'

/** Reads all clusters side by side. One that does not answer is a problem of its own; all of them are told at once (exit 3). */
export async function readClusters(spec: Federation, run: Run): Promise<Joining[]> {
  const problems: Problem[] = []
  const all = await Promise.all(
    spec.contexts.map(async context => {
      const cluster = await connect(run.access, context)
      try {
        return resolveJoining(spec, context, await readFederationFacts(cluster, spec))
      } catch (error) {
        problems.push({message: `${context}: ${messageOf(error)}`, hints: [`kubectl --context '${context}' version`]})
        return undefined
      }
    }),
  )
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return all.filter(joining => joining !== undefined)
}

/** Checks what was read before anything is written: warnings go to stderr, errors are thrown all at once (exit 3). */
export async function preflight(spec: Federation, all: readonly Joining[], ca: CaSource, run: Run): Promise<void> {
  const denied = new Map(
    await Promise.all(
      all.map(async ({cluster, facts, primary, rendered}) => {
        const wanted = federationRights(spec, primary !== undefined && rendered !== undefined)
        return [cluster, await inCluster(cluster, () => checkRights(facts!.cluster, wanted))] as const
      }),
    ),
  )
  tell(runChecks(federationChecks, {spec, all, denied, roots: ca.roots, now: new Date()}), run)
}

/** Warnings to stderr; errors thrown. */
export function tell(findings: readonly Finding[], run: Run): void {
  const warnings = formatWarnings(problemsOf(findings, 'warning'))
  if (warnings !== '') run.terminal.talk(warnings)
  const errors = problemsOf(findings, 'error')
  if (errors.length > 0) throw new MeshError(errors, exitCodes.refused)
}
