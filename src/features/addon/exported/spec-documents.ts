import {
  dataOf,
  type ExportedDocument,
  isRecordOf,
  type LiveCluster,
  storedPaths,
} from '../../../mesh/exported/exported.ts'
import type {Raw} from '../../../spec/field.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {addonApplySet} from '../objects.ts'
import {addonInstallFields, kialiFieldNames} from '../spec.ts'
import {type AddonName, addonNames} from '../spec-names.ts'

/** Returns the add-ons of a cluster. Those with the same settings are in one document; only Kiali has further settings. */
export function addonDocuments({context, records}: Pick<LiveCluster, 'context' | 'records'>): ExportedDocument[] {
  const found = records.flatMap(record => {
    const {addon, settings} = dataOf(record)
    const name = addon as AddonName
    const {namespace: systemNamespace = ''} = record.metadata
    if (!addonNames.includes(name) || !isRecordOf(record, addonApplySet(name, {systemNamespace}))) return []
    const paths = storedPaths(record, ['from', 'values'])
    const raw: Record<string, Raw> = {...parseSettings(addonInstallFields, settings), ...paths, systemNamespace}
    if (raw.namespace === systemNamespace) delete raw.namespace
    return [{name, raw}]
  })
  const groups = Map.groupBy(found, ({raw}) => JSON.stringify(Object.entries(raw).filter(isCommon).sort()))
  return [...groups.values()].map(group => {
    const raw: Record<string, Raw> = Object.assign({}, ...group.map(one => one.raw))
    const names = addonNames.filter(name => group.some(one => one.name === name))
    const gaps = raw.from === undefined ? ['from: the path of the manifests is not recorded'] : []
    return {name: names.join('-'), context, raw: {...raw, names}, gaps}
  })
}

function isCommon([name]: [string, Raw]): boolean {
  return !kialiFieldNames.includes(name)
}
