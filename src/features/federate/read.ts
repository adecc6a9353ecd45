import type {Cluster} from '../../engine/cluster/cluster.ts'
import {checkRights} from '../../engine/cluster/rights/rights.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import {runChecks} from '../../findings/check.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import {forEachContext, forEachPlace} from '../../mesh/contexts/for-each.ts'
import type {FederationFacts} from '../../mesh/facts.ts'
import {gatewayTypeOf} from '../../mesh/gateways/spec.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {primaryAmong} from '../../mesh/primary-remote.ts'
import {type ReadScope, readFederationFacts} from '../../mesh/read.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {rightsOfSet} from '../../run/rights-of.ts'
import {connect, type Run} from '../../run/run.ts'
import {servesAmbient} from './ambient/spec.ts'
import type {CaSource} from './ca-source.ts'
import {readAuthorities} from './joined/read.ts'
import {federationChecks} from './preflight/checks.ts'
import {federationRights} from './preflight/checks-rights.ts'
import type {Federation} from './spec.ts'

/** What was read from the clusters of a run, by context. */
export type FactsByContext = ReadonlyMap<string, FederationFacts>

/**
 * Reads all clusters in parallel.
 *
 * @param written returns the permissions for what the run will write, as far as the input determines it
 * @throws MeshError that lists all contexts that cannot be used (exit 2), or all clusters that cannot be read (exit 3)
 */
export async function readClusters(
  scope: ReadScope & {contexts: readonly string[]},
  run: Run,
  written: (context: string) => Promise<readonly Right[]> = async () => [],
): Promise<FactsByContext> {
  // Every context must exist before the first request to any cluster.
  const clusters = await forEachContext(scope.contexts, async context => {
    const needs = async () => [...needsOf(scope), ...(await written(context))]
    return {context, cluster: await connect(run.access, context, needs)}
  })
  const all = await forEachPlace(
    clusters,
    async ({context, cluster}): Promise<[string, FederationFacts]> => [
      context,
      await readFederationFacts(cluster, scope),
    ],
  )
  return new Map(all)
}

/** What `federate` needs after the first reads. Which settings an earlier run has stored is not known before. */
function needsOf({systemNamespace, mode = 'multi-primary', dns = 'istio'}: ReadScope): Right[] {
  return [
    ...rightsOfSet(federationApplySet({systemNamespace})),
    ...rightsFor(['list'], ['serviceentries.networking.istio.io', 'destinationrules.networking.istio.io']),
    ...federationRights({systemNamespace, mode, dns, caDir: undefined, credentialDuration: undefined}),
  ]
}

/**
 * Returns the clusters of a run as members of the mesh. Reads those again in which a stored setting needs further facts: the
 * settings were not known when the clusters were read, and a new cluster has no record.
 *
 * @throws InClusterError (exit 3)
 */
export function completeMembers(spec: Federation, facts: FactsByContext): Promise<MeshMember[]> {
  return Promise.all(
    spec.contexts.map(async context => {
      const known = facts.get(context)!
      const member = resolveMember(spec, context, known)
      if (!lacksFacts(spec, context, known)) return member
      return inCluster(member.cluster, async () =>
        resolveMember(spec, context, await readFederationFacts(known.cluster, spec, known.snapshot)),
      )
    }),
  )
}

function lacksFacts(spec: Federation, context: string, facts: FederationFacts): boolean {
  const {mode, dns, controlPlane} = spec
  if (mode === 'primary-remote' && !facts.primaryRemote) return true
  if (mode === 'gateways' && !facts.dns.read.includes(dns)) return true
  if (servesAmbient(spec) && !facts.ambient) return true
  if (gatewayTypeOf(spec, context) === 'NodePort' && !facts.nodes) return true
  return controlPlane === 'sail' && facts.hasSailCrds === undefined
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
        return [cluster, await inCluster(cluster, () => deniedIn(facts!.cluster, rights))] as const
      }),
    ),
  )
  const authorities = spec.mode === 'gateways' ? undefined : await readAuthorities(watchedAmong(all))
  const subject = {spec, all, denied, roots: ca.roots, now: new Date(), ...(authorities ? {authorities} : {})}
  reportFindings(runChecks(federationChecks, subject), run)
}

/** If one permission is missing, the error lists all others that the command needs too. */
async function deniedIn(cluster: Cluster, rights: Right[]): Promise<Right[]> {
  const denied = await checkRights(cluster, rights)
  return denied.length === 0 ? [] : cluster.lacks(denied)
}

/** The clusters that istiods of other clusters read. No other cluster reads a primary of remotes. */
function watchedAmong(all: readonly MeshMember[]): MeshMember[] {
  const primary = primaryAmong(all)
  return all.filter(member => member !== primary)
}
