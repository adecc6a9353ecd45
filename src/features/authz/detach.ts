import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes, MeshError, refusedError, usageError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {revisioned} from '../../istio/names.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {policySpecOf} from './istio.ts'
import {authzApplySet, buildDetach} from './objects.ts'
import {type AuthzFacts, isOfAuthorizer, readAuthzFacts} from './read.ts'
import {formatHelmValues, formatSailPatch} from './report.ts'
import {authzDetachFields, authzNameProblems} from './spec.ts'

/** Takes an authorizer away: its policy, then its provider, if nobody else uses that. `context` '' is the current one. */
export async function detachAuthorizer(
  raw: RawSpec<typeof authzDetachFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  if (run.write.dryRun === 'client')
    throw usageError('what there is to detach has to be read from the cluster', '--dry-run=server changes nothing')
  const said = readSpec(authzDetachFields, raw, authzNameProblems)
  const spec = {...said, name: said.name!}
  const cluster = await connect(run.access, context)
  const facts = await readAuthzFacts(cluster, spec)
  const set = authzApplySet(spec)
  const record = await cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name})
  const made = [...facts.allPolicies, ...facts.filters].filter(object => isOfAuthorizer(object, spec))
  if (!record && made.length === 0) throw notAttached(spec.name, facts)
  // istiod may be gone already; what is left of the authorizer goes all the same
  reportFindings(
    runChecks([controlPlaneExists, meshConfigReadable], {spec, plane: facts.plane}).filter(
      ({check}) => check === meshConfigReadable.id,
    ),
    run,
  )
  refuseUsers(spec.name, facts, made)
  const via = (record?.data as {via?: string} | undefined)?.via
  const name = nameOfCluster(facts.plane.plane, cluster.context)
  const providers = via === 'helm-values' || via === 'sail' ? [] : await providerEdits(spec, facts, name)
  const wish = {cluster, name, changes: buildDetach(name, set, made, providers), set}
  const consent = {question: `Detach ${spec.name} in ${name}?`, typed: spec.name}
  const {exit} = await changeClusters([wish], consent, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    tellValues(spec, via, facts, run)
  })
  return exit
}

function notAttached(name: string, facts: AuthzFacts) {
  const known = facts.providers.map(provider => provider.name)
  return refusedError(
    `${name} was not attached by kubectl mesh`,
    known.includes(name)
      ? 'the mesh config has a provider of this name that others wrote; kubectl mesh authz list shows it'
      : `authorizers here: ${known.join(', ') || 'none'}`,
  )
}

/** A policy without its provider denies everything. */
function refuseUsers(name: string, facts: AuthzFacts, made: readonly KubernetesObject[]): void {
  const users = facts.policies.filter(policy => policySpecOf(policy).provider?.name === name && !made.includes(policy))
  if (users.length === 0) return
  throw new MeshError(
    users.map(({metadata}) => ({
      message: `AuthorizationPolicy ${metadata.namespace}/${metadata.name} still uses ${name}, and is not ours: without its provider it would deny every request`,
      hints: [`kubectl -n ${metadata.namespace} delete authorizationpolicy ${metadata.name}`],
    })),
    exitCodes.refused,
  )
}

async function providerEdits(
  spec: {name: string; systemNamespace: string; revision: string | undefined},
  facts: AuthzFacts,
  cluster: string,
): Promise<Edit[]> {
  const {buildProviderRemoval} = await import('./objects-provider.ts')
  const has = (text: string | undefined) => text !== undefined && buildsOther(text)
  const buildsOther = (text: string) => {
    const edit = buildProviderRemoval({cluster, namespace: '', name: '', shared: false}, spec.name).edits[0]!
    return edit.at === 'text' && edit.edit(text) !== text
  }
  const {shared, meshMap, meshText} = facts.plane
  const maps = [
    ...(meshMap && has(meshText) ? [{name: revisioned('istio', spec.revision), shared: false}] : []),
    ...(shared && has(shared.text) ? [{name: shared.name, shared: true}] : []),
  ]
  return maps.map(map => buildProviderRemoval({cluster, namespace: spec.systemNamespace, ...map}, spec.name))
}

/** What the values of an installation still say comes back with the next upgrade. */
function tellValues(
  spec: {name: string; revision: string | undefined},
  via: string | undefined,
  facts: AuthzFacts,
  run: Run,
): void {
  const live = facts.mesh.extensionProviders ?? []
  if (via === 'helm-values' || via === 'sail') {
    run.terminal.message(`hint:  the provider is in the values of your installation; without it they say:`)
    const text =
      via === 'sail'
        ? formatSailPatch(spec.revision ?? 'default', live, spec.name, undefined)
        : formatHelmValues(live, spec.name, undefined)
    run.terminal.message(text.replace(/^/gm, '    ').trimEnd())
  } else if (via === 'mesh-config')
    run.terminal.message(`hint:  take ${spec.name} out of the values of your installation too, if you wrote it there`)
}
