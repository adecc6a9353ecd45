import {storedValues} from '../../../control-plane/values.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {tenantRecord} from '../../../istio/names.ts'
import {dataOf, type ExportedDocument, type LiveCluster} from '../../../mesh/exported/exported.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {tenantFields} from '../spec.ts'
import {formatLabel, namesOf} from '../spec-names.ts'

/** Returns the tenants of a cluster that have a record. Names that are derived from that of the tenant are left out. */
export function tenantDocuments({context, records}: Pick<LiveCluster, 'context' | 'records'>): ExportedDocument[] {
  return records
    .filter(({metadata}) => metadata.name === tenantRecord)
    .map(record => {
      const raw = withoutDerived(settingsOf(record))
      const values = storedValues({requested: {}, reset: [], complete: false}, record)
      return {context, raw, ...(values === undefined ? {} : {values})}
    })
}

/** A record of version 0.1.0 has only the names and the tool. */
function settingsOf(record: KubernetesObject): RawSpec<typeof tenantFields> {
  const {settings, tenant: name, revision, selector: selectorLabel, via} = dataOf(record)
  const stored = parseSettings(tenantFields, settings)
  return stored ?? {name, systemNamespace: record.metadata.namespace, revision, selectorLabel, via}
}

function withoutDerived(raw: RawSpec<typeof tenantFields>): RawSpec<typeof tenantFields> {
  const {systemNamespace, revision, selector} = namesOf({
    name: String(raw.name),
    systemNamespace: undefined,
    revision: undefined,
    selectorLabel: undefined,
  })
  const derived: RawSpec<typeof tenantFields> = {systemNamespace, revision, selectorLabel: formatLabel(selector)}
  const kept = Object.entries(raw).filter(([name, value]) => derived[name as keyof typeof derived] !== value)
  return Object.fromEntries(kept)
}
