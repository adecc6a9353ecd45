import {managerOf} from '../../engine/kubernetes/manager.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {podCountsOf} from '../../engine/kubernetes/workload-state.ts'
import {parseSettings} from '../../spec/settings.ts'
import {ageText, type Listing} from '../../terminal/list/listing.ts'
import {versionOfWorkload} from './istio-kiali.ts'
import {addonOfRecord} from './objects.ts'
import {addonInstallFields} from './spec.ts'

/** One add-on. The keys are those of `-o json`. */
export interface AddonRow {
  name: string
  namespace: string
  version: string | null
  ready: number
  replicas: number
  /** How users log in to Kiali, if its record sets that. */
  auth: string | null
  /** The tool that manages it; null if none is known. */
  managedBy: string | null
  /** When its workload was created. */
  created: string | null
}

/**
 * Returns one row per workload of an add-on, and one per record whose workload does not exist.
 *
 * @param records of `mesh addon install`
 * @param workloads Deployments and StatefulSets with the labels of add-ons
 */
export function addonRows(records: readonly KubernetesObject[], workloads: readonly KubernetesObject[]): AddonRow[] {
  const recorded = records.map(record => ({
    record,
    name: addonOfRecord(record)!,
    namespace: dataOf(record).namespace ?? '',
  }))
  const rows = workloads.map(workload => {
    const {namespace = ''} = workload.metadata
    const name = nameOfWorkload(workload)
    return rowOf(
      name,
      namespace,
      workload,
      recorded.find(one => one.name === name && one.namespace === namespace)?.record,
    )
  })
  const missing = recorded.filter(
    ({name, namespace}) => !rows.some(row => row.name === name && row.namespace === namespace),
  )
  return [...rows, ...missing.map(({name, namespace, record}) => rowOf(name, namespace, undefined, record))].sort(
    (a, b) => (`${a.namespace} ${a.name}` < `${b.namespace} ${b.name}` ? -1 : 1),
  )
}

function rowOf(
  name: string,
  namespace: string,
  workload: KubernetesObject | undefined,
  record: KubernetesObject | undefined,
): AddonRow {
  const {desired, available} = workload ? podCountsOf(workload) : {desired: 0, available: 0}
  const settings = parseSettings(addonInstallFields, dataOf(record).settings)
  const manager = workload && managerOf(workload)
  return {
    ...{
      name,
      namespace,
      version: (workload && versionOfWorkload(workload)) ?? null,
      ready: available,
      replicas: desired,
    },
    auth: typeof settings?.auth === 'string' ? settings.auth : null,
    managedBy: record ? 'kubectl mesh' : (manager?.name ?? null),
    created: workload?.metadata.creationTimestamp ?? null,
  }
}

/** The add-on of a workload, by its labels. */
export function nameOfWorkload({metadata: {labels}}: KubernetesObject): string {
  return labels?.['app.kubernetes.io/name'] ?? labels?.app ?? ''
}

function dataOf(record: KubernetesObject | undefined): {namespace?: string; settings?: string} {
  return (record?.data ?? {}) as {namespace?: string; settings?: string}
}

/** The add-ons as a listing. */
export function addonListing(rows: readonly AddonRow[], now: Date): Listing<AddonRow> {
  return {
    rows,
    columns: [
      {head: 'name', cell: ({name}) => name},
      {head: 'namespace', cell: ({namespace}) => namespace},
      {head: 'version', cell: ({version}) => version ?? undefined},
      {head: 'ready', cell: ({ready, replicas}) => `${ready}/${replicas}`},
      {head: 'login', cell: ({auth}) => auth ?? undefined},
      {head: 'managed by', cell: ({managedBy}) => managedBy ?? undefined},
      {head: 'age', cell: ({created}) => ageText(created, now)},
    ],
    document: items => ({addons: items}),
    item: row => row,
    name: ({name, namespace}) => `addon/${namespace}/${name}`,
    namespaces: ({namespace}) => [namespace],
    state: ({ready, replicas}) => (ready === 0 ? 'error' : ready < replicas ? 'warning' : undefined),
  }
}
