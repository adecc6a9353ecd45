import {
  mergeRequestedValues,
  readValuesFiles,
  refuseOperatorFields,
  type ValuesFile,
} from '../../control-plane/values.ts'
import {exitCodes, MeshError} from '../../errors.ts'
import type {ControlPlaneInput} from '../../istio/render/input.ts'
import {leafAt} from '../../istio/render/tree.ts'
import {contradictions} from '../../istio/render/values.ts'
import {isSelector, type LabelSelector} from '../../istio/selectors.ts'
import {readSpec} from '../../spec/read.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {TenantFrame} from './objects.ts'
import {type RawTenant, tenantSettings} from './settings.ts'
import {type TenantSpec, tenantFields, validateTenant} from './spec.ts'
import {namesOf, type TenantNames} from './spec-names.ts'

/** A validated request for a tenant. */
export interface TenantRequest {
  spec: TenantSpec
  names: TenantNames
  /** The contents of `--values`. */
  values: readonly ValuesFile[]
  /** The control plane to render. */
  input: ControlPlaneInput
}

/**
 * Validates the input and reads the files of `--values`.
 *
 * @param readValues returns the contents of `--values`
 * @throws MeshError (exit 2) for invalid input, if a file cannot be read, or if values contradict the names of the tenant
 */
export async function readRequest(
  raw: RawTenant,
  readValues: (spec: TenantSpec) => Promise<readonly ValuesFile[]> = ({values}) => readValuesFiles(values),
): Promise<TenantRequest> {
  const read = readSpec(tenantFields, raw, validateTenant)
  const spec = {...read, namespaces: [...new Set(read.namespaces)]}
  const names = namesOf(spec)
  const values = await readValues(spec)
  const requested = mergeRequestedValues(values, spec.set)
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
  if (spec.via !== 'istioctl') refuseOperatorFields(requested, '--via')
  return {spec, names, values, input}
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

/** Facts about an existing tenant that its builder needs. */
export interface ExistingTenant {
  /** Namespaces that kubectl-mesh created. */
  ours: ReadonlySet<string>
  moved: TenantFrame['moved']
}

/**
 * Returns what the builder of the tenant needs.
 *
 * @param cluster name of the cluster in output
 */
export function frameOf(
  {spec, names, values}: Pick<TenantRequest, 'spec' | 'names' | 'values'>,
  cluster: string,
  {ours, moved}: ExistingTenant = {ours: new Set(), moved: undefined},
): TenantFrame {
  const {mtls, via, namespaces} = spec
  return {...names, cluster, mtls, via, namespaces, ours, moved, settings: tenantSettings(spec, values)}
}

function refuseContradictions(input: ControlPlaneInput): void {
  const problems = contradictions(input).map(({path, requested: value, expected}) => ({
    message: `--set or --values sets ${path} to ${value}; expected ${expected} for this tenant`,
    hints: [path === 'revision' ? `--revision ${shellWord(value)}` : `--system-namespace ${shellWord(value)}`],
  }))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
}
