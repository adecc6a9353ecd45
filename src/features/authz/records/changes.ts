import type {Change, Edit} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {revisioned} from '../../../istio/names.ts'
import {settingsData} from '../../../spec/settings.ts'
import type {TextUndo} from '../../../text/text-undo.ts'
import {customPolicies, providerOf} from '../istio.ts'
import {podsOfTarget} from '../istio-target.ts'
import {type Authorizer, buildAuthzRecord, buildPolicy, buildProvider} from '../objects.ts'
import {buildAuthzFilter} from '../objects-filter.ts'
import type {MeshMap} from '../objects-provider.ts'
import type {AuthzFacts} from '../read.ts'
import {authzAttachFields, type CompleteAuthz} from '../spec.ts'
import {revisionsOf} from '../target/istio.ts'
import {type AuthzRecord, sharedPlace} from './objects.ts'
import {type ProviderPlaces, providerUse} from './objects-use.ts'

/** Whether the user writes the provider, with the values that this command prints. */
export function isPrinted({via}: CompleteAuthz): boolean {
  return via === 'helm-values' || via === 'sail'
}

/**
 * Returns the changes that attach an authorizer: its record, its provider or filter, its policy, and the removal of a provider
 * that an earlier run with another `--via` wrote.
 *
 * @param facts undefined for `--dry-run=client`
 * @param existing the record of earlier runs
 * @param users policies of other owners that use the provider, which then stays
 */
export async function allChanges(
  authorizer: Authorizer,
  facts: AuthzFacts | undefined,
  existing: AuthzRecord | undefined,
  users: readonly KubernetesObject[] = [],
): Promise<Change[]> {
  const {spec, host} = authorizer
  const revisions = providerRevisions(authorizer, facts)
  const use = providerUse(placesOf(authorizer, facts, existing))
  const settings = settingsData(authzAttachFields, spec)
  const written = revisions.filter(revision => !use.existing.includes(revision))
  const undo = await undoOf(authorizer, use.written, facts, existing)
  const record = buildAuthzRecord(authorizer, settings, written, existing, {...use, undo})
  const removals = users.length > 0 ? [] : await removalsOf(authorizer, use.former, facts, existing)
  if (spec.via === 'envoy-filter') return [record, buildAuthzFilter(authorizer), ...removals]
  if (isPrinted(spec)) return [record, buildPolicy(authorizer)]
  // Loaded on demand: it needs a YAML library that keeps comments.
  const {buildProviderEdit} = await import('../objects-provider.ts')
  const provider = buildProvider(spec, host)
  const edits = use.written.map(place => buildProviderEdit(mapOf(authorizer, place, facts), provider))
  return [record, ...edits, buildPolicy(authorizer), ...removals]
}

/** The plan runs them after the removal of the policies that use the provider. */
async function removalsOf(
  authorizer: Authorizer,
  places: readonly string[],
  facts: AuthzFacts | undefined,
  existing: AuthzRecord | undefined,
): Promise<Edit[]> {
  if (places.length === 0) return []
  const {buildProviderRemoval} = await import('../objects-provider.ts')
  return places.map(place =>
    buildProviderRemoval(mapOf(authorizer, place, facts), authorizer.spec.name, existing?.undo.get(place)),
  )
}

/** How to restore the texts of the mesh configs, by place. Those that this run does not write keep what is stored. */
async function undoOf(
  {spec, host}: Authorizer,
  places: readonly string[],
  facts: AuthzFacts | undefined,
  existing: AuthzRecord | undefined,
): Promise<ReadonlyMap<string, TextUndo>> {
  const all = new Map(existing?.undo)
  if (places.length === 0 || !facts) return all
  const {undoOfProvider} = await import('../objects-provider.ts')
  const provider = buildProvider(spec, host)
  for (const place of places) {
    const text = facts.meshTexts.get(place)
    const undo = text === undefined ? undefined : undoOfProvider(text, provider, existing?.undo.get(place))
    if (undo) all.set(place, undo)
    else all.delete(place)
  }
  return all
}

function mapOf({cluster, spec}: Authorizer, place: string, facts: AuthzFacts | undefined): MeshMap {
  const shared = place === sharedPlace
  const name = shared ? (facts?.controlPlane.shared?.name ?? 'istio-shared') : revisioned('istio', place)
  return {cluster, namespace: spec.systemNamespace, name, shared}
}

/** Returns the policies of other owners that use the provider of an authorizer. */
export function otherUsers(
  name: string,
  {allPolicies}: Pick<AuthzFacts, 'allPolicies'>,
  isOurs: (object: KubernetesObject) => boolean,
): KubernetesObject[] {
  return customPolicies(allPolicies).filter(policy => providerOf(policy) === name && !isOurs(policy))
}

/**
 * The revisions that get the provider: the requested one, and in its namespace those that run pods of the target. All of them
 * read the policy, and deny every request without its provider.
 */
function providerRevisions({spec, target}: Authorizer, facts: AuthzFacts | undefined): string[] {
  const own = spec.revision ?? 'default'
  if (!facts || spec.via !== 'mesh-config') return [own]
  const others = revisionsOf(podsOfTarget(target, facts), facts.tags).filter(one => facts.otherRevisions.has(one))
  return [own, ...others]
}

/** Returns the mesh configs that have, or get, the provider. */
export function placesOf(
  authorizer: Authorizer,
  facts: AuthzFacts | undefined,
  record: AuthzRecord | undefined,
): ProviderPlaces {
  const {spec, host} = authorizer
  const written = spec.via === 'shared-config' ? [sharedPlace] : providerRevisions(authorizer, facts)
  const places = spec.via === 'mesh-config' || spec.via === 'shared-config' ? written : []
  return {
    provider: buildProvider(spec, host),
    places,
    live: facts?.extensionProviders ?? new Map(),
    record,
    via: spec.via,
  }
}
