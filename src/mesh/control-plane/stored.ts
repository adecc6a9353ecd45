import {mergeRequestedValues, storedValues, type ValuesFile} from '../../control-plane/values.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {RequestedValues} from '../../istio/render/input.ts'
import {parseJson} from '../../text/json.ts'

/** Key in the record of a control plane that `mesh install` created. */
const byKey = 'by'
const byInstall = 'install'

/** The data of the record of a control plane that `mesh install` created. */
export function installData(data: Record<string, string>): Record<string, string> {
  return {...data, [byKey]: byInstall}
}

/** Whether `mesh install` wrote the record last. Otherwise `mesh federate` did. */
export function isByInstall(record: KubernetesObject | undefined): boolean {
  return dataOf(record)[byKey] === byInstall
}

/** What `mesh install` has set for a control plane, and a later rendering keeps. */
export interface InstalledSettings {
  profile: string | undefined
  requested: RequestedValues
  /** The data of the record that stores it. */
  data: Record<string, string>
}

/**
 * Returns the settings of `mesh install` in the record of a control plane. Undefined if it has none.
 *
 * @throws MeshError (exit 3) for values that kubectl-mesh does not write
 */
export function installedSettings(record: KubernetesObject | undefined): InstalledSettings | undefined {
  const {settings, values} = dataOf(record)
  if (settings === undefined) return undefined
  const {profile, set} = (parseJson(settings) ?? {}) as {profile?: unknown; set?: unknown}
  const files = storedValues({requested: {}, reset: [], complete: false}, record) ?? []
  return {
    profile: typeof profile === 'string' ? profile : undefined,
    requested: mergeRequestedValues(files, Array.isArray(set) ? set.map(String) : []),
    data: {settings, ...(values === undefined ? {} : {values})},
  }
}

function dataOf(record: KubernetesObject | undefined): Record<string, string | undefined> {
  return (record?.data ?? {}) as Record<string, string | undefined>
}

/** Key of the contents of `--values` of `mesh federate` in the record of a control plane. */
const federationValuesKey = 'federation-values'

/** The data of a record that stores the contents of `--values` of `mesh federate`. */
export function federationValuesData(values: readonly ValuesFile[]): Record<string, string> {
  return values.length > 0 ? {[federationValuesKey]: JSON.stringify(values)} : {}
}

/** The contents of `--values` of earlier runs of `mesh federate`. */
export function storedFederationValues(record: KubernetesObject | undefined): ValuesFile[] {
  const files = parseJson(dataOf(record)[federationValuesKey] ?? '')
  return Array.isArray(files) ? (files as unknown as ValuesFile[]) : []
}
