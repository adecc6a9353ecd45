import {readRequestedValues} from '../../control-plane/values.ts'
import {exitCodes, MeshError, usageError} from '../../errors.ts'
import type {ControlPlaneInput, RequestedValues} from '../../istio/render/input.ts'
import {leafAt} from '../../istio/render/tree.ts'
import {contradictions} from '../../istio/render/values.ts'
import {isSelector, type LabelSelector} from '../../istio/selectors.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {TenantFrame} from './objects.ts'
import {type TenantSpec, tenantFields, validateTenant} from './spec.ts'
import {namesOf, type TenantNames} from './spec-names.ts'

/** Unvalidated input of `mesh tenant add`. */
export type RawTenant = RawSpec<typeof tenantFields>

/** A validated request for a tenant. */
export interface TenantRequest {
  spec: TenantSpec
  names: TenantNames
  /** The control plane to render. */
  input: ControlPlaneInput
}

/**
 * Validates the input and reads the files of `--values`.
 *
 * @throws MeshError (exit 2) for invalid input, if a file cannot be read, or if values contradict the names of the tenant
 */
export async function readRequest(raw: RawTenant): Promise<TenantRequest> {
  const spec = readSpec(tenantFields, raw, validateTenant)
  const names = namesOf(spec)
  const requested = await readRequestedValues(spec)
  const {systemNamespace, revision, selector} = names
  const input: ControlPlaneInput = {
    namespace: systemNamespace,
    revision,
    profile: typeof requested.operator.profile === 'string' ? requested.operator.profile : spec.profile,
    discoverySelectors: [{matchLabels: {[selector.key]: selector.value}}],
    isDefault: spec.isDefault,
    requested,
  }
  refuseContradictions(input)
  if (spec.via !== 'istioctl') refuseOperatorFields(requested)
  return {spec, names, input}
}

/** Returns the discovery selectors that the control plane will have, or undefined with `--via none`. */
export function selectorsOf({
  spec,
  input,
}: {
  spec: Pick<TenantSpec, 'via'>
  input: ControlPlaneInput
}): readonly LabelSelector[] | undefined {
  if (spec.via === 'none') return undefined
  const requested = leafAt(input.requested.values, ['meshConfig', 'discoverySelectors'])
  return Array.isArray(requested) ? (requested as unknown[]).filter(isSelector) : input.discoverySelectors
}

/**
 * Returns what the builder of the tenant needs.
 *
 * @param cluster name of the cluster in output
 */
export function frameOf(
  {spec, names}: Pick<TenantRequest, 'spec' | 'names'>,
  cluster: string,
  ownNamespaces: readonly string[],
): TenantFrame {
  const {mtls, via, namespaces} = spec
  return {...names, cluster, mtls, via, namespaces, ownNamespaces}
}

function refuseContradictions(input: ControlPlaneInput): void {
  const problems = contradictions(input).map(({path, requested: value, expected}) => ({
    message: `--set or --values sets ${path} to ${value}; expected ${expected} for this tenant`,
    hints: [path === 'revision' ? `--revision ${shellWord(value)}` : `--system-namespace ${shellWord(value)}`],
  }))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
}

/** Helm and the Sail operator have no equivalent for the fields of an IstioOperator beside its values and profile. */
function refuseOperatorFields({operator}: RequestedValues): void {
  const fields = Object.keys(operator).filter(key => key !== 'profile')
  if (fields.length > 0)
    throw usageError(
      `--set or --values sets ${fields.join(', ')}, which only istioctl supports`,
      'use --via istioctl, or omit it',
    )
}
