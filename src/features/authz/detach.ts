import {meshConfigReadable} from '../../control-plane/checks.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import {type Membership, readMembership} from '../../engine/plan/membership.ts'
import {type ExitCode, exitCodes, MeshError, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {revisioned} from '../../istio/names.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {policyTitle, providerOf} from './istio.ts'
import {buildDetach} from './objects.ts'
import {type AuthzFacts, readAuthzFacts} from './read.ts'
import {formatProviderValues, indentedLines} from './report.ts'
import {type AuthorizerRef, authzApplySet, authzDetachFields, validateAuthzName, viaOptions} from './spec.ts'

/**
 * Removes an authorizer: its policy, then its provider unless another policy uses it.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if the authorizer is in use or a write fails
 */
export async function detachAuthorizer(
  raw: RawSpec<typeof authzDetachFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  refuseClientDryRun(run)
  const input = readSpec(authzDetachFields, raw, validateAuthzName)
  const spec: AuthorizerRef = {...input, name: input.name!}
  const cluster = await connect(run.access, context)
  const set = authzApplySet(spec)
  const {trustLabels} = run.write
  const [facts, membership] = await Promise.all([
    readAuthzFacts(cluster, spec),
    readMembership(cluster, set, {trustLabels}),
  ])
  const {parent: record, objects: created, unrecorded} = membership
  const name = nameOfCluster(facts.controlPlane.controlPlane, cluster.context)
  reportUnrecorded(name, unrecorded, run, true)
  if (!record && created.length === 0) throw notAttached(spec.name, facts)
  // A missing control plane is no error: its authorizers can be removed after it.
  reportFindings(runChecks([meshConfigReadable], {spec, controlPlane: facts.controlPlane}), run)
  refuseUsed(spec.name, facts, membership)
  const via = viaOptions.find(option => option === (record?.data as {via?: string} | undefined)?.via)
  const providers = via === 'helm-values' || via === 'sail' ? [] : await providerRemovals(spec, facts, name)
  const change = {cluster, name, changes: buildDetach(name, set, created, providers), set}
  const confirmation = {question: `Detach ${spec.name} in ${name}?`, typed: spec.name}
  const {exit} = await changeClusters([change], confirmation, run, outcomes => {
    if (outcomes.some(({result}) => result === 'failed' || result === 'not tried')) return
    printRemainingValues(spec, via, facts, run)
  })
  return exit
}

function notAttached(name: string, facts: AuthzFacts): MeshError {
  const existing = facts.providers.map(provider => provider.name)
  return refusedError(
    `${name} was not attached by kubectl mesh`,
    existing.includes(name)
      ? 'the mesh config has a provider of this name from another owner; kubectl mesh authz list shows it'
      : `existing authorizers: ${existing.join(', ') || 'none'}`,
  )
}

/** A policy without its provider denies every request. */
function refuseUsed(name: string, facts: AuthzFacts, {owns}: Membership): void {
  const users = facts.policies.filter(policy => providerOf(policy) === name && !owns(policy))
  if (users.length === 0) return
  throw new MeshError(
    users.map(policy => ({
      message: `${policyTitle(policy)} still uses ${name} and is not managed by kubectl-mesh; without the provider it would deny every request`,
      hints: [`kubectl -n ${policy.metadata.namespace} delete authorizationpolicy ${policy.metadata.name}`],
    })),
    exitCodes.refused,
  )
}

async function providerRemovals(spec: AuthorizerRef, facts: AuthzFacts, cluster: string): Promise<Edit[]> {
  // Loaded on demand: it needs a YAML library that keeps comments.
  const {buildProviderRemoval, hasProvider} = await import('./objects-provider.ts')
  const {shared, meshMap, meshText} = facts.controlPlane
  const maps = [
    ...(meshMap ? [{name: revisioned('istio', spec.revision), shared: false, text: meshText}] : []),
    ...(shared?.text === undefined ? [] : [{name: shared.name, shared: true, text: shared.text}]),
  ]
  return maps
    .filter(({text}) => hasProvider(text, spec.name))
    .map(({name, shared}) => buildProviderRemoval({cluster, namespace: spec.systemNamespace, name, shared}, spec.name))
}

/** A provider that stays in the values of an installation returns with the next upgrade. */
function printRemainingValues(
  spec: AuthorizerRef,
  via: (typeof viaOptions)[number] | undefined,
  facts: AuthzFacts,
  run: Run,
): void {
  if (via === 'mesh-config')
    run.terminal.message(`hint:  if you added ${spec.name} to the values of your installation, remove it there too`)
  if (via !== 'helm-values' && via !== 'sail') return
  const live = facts.mesh.extensionProviders ?? []
  const values = formatProviderValues({...spec, via, live, provider: undefined})
  run.terminal.message('hint:  the provider is in the values of your installation. Without it, they are:')
  run.terminal.message(indentedLines(values))
}
