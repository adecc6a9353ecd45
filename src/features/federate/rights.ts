import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import {resolveMember} from '../../mesh/members.ts'
import {servicesApplySet} from '../../mesh/services/objects.ts'
import {rightsOf, rightsOfSet} from '../../run/rights-of.ts'
import type {Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {openCaSource} from './ca-source.ts'
import {planWithoutClusters} from './plan.ts'
import {federationRights} from './preflight/checks-rights.ts'
import {resolveControlPlanes} from './resolve-control-planes.ts'
import {federationFields, validateFederation} from './spec.ts'

/**
 * Returns the permissions for what `mesh federate` writes into one cluster, as far as the input determines it.
 *
 * @throws MeshError if the input is incomplete, or a control plane cannot be rendered
 */
export async function rightsWithoutClusters(
  raw: RawSpec<typeof federationFields>,
  context: string,
  run: Run,
): Promise<Right[]> {
  const spec = {...readSpec(federationFields, raw, validateFederation), caDir: undefined}
  const all = await resolveControlPlanes(
    spec,
    spec.contexts.map(each => resolveMember(spec, each, undefined)),
  )
  const plans = await planWithoutClusters(spec, all, await openCaSource(spec, run.terminal), run)
  const own = all.find(member => member.context === context)
  const changes = plans.flatMap(({cluster, steps}) => (cluster === own?.cluster ? steps.map(({change}) => change) : []))
  return [...federationRights({...spec, caDir: raw.caDir as string | undefined}), ...rightsOf(changes)]
}

/** The permissions of `mesh federate status` and `verify` in each cluster. */
export function federationReads(where: {systemNamespace: string; revision: string | undefined}): Right[] {
  const istio = ['gateways', 'serviceentries', 'destinationrules', 'virtualservices'].map(
    kind => `${kind}.networking.istio.io`,
  )
  return [
    ...rightsOfSet(federationApplySet(where)),
    ...rightsOfSet(servicesApplySet(where)),
    ...rightsFor(['get', 'list'], ['namespaces']),
    ...rightsFor(['get'], ['customresourcedefinitions.apiextensions.k8s.io']),
    ...rightsFor(
      ['list'],
      [...istio, 'services', 'pods', 'nodes', 'mutatingwebhookconfigurations.admissionregistration.k8s.io'],
    ),
  ]
}
