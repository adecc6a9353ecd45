import {dataOf, type ExportedDocument, type LiveCluster} from '../../../mesh/exported/exported.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {vmOfRecord} from '../objects.ts'
import {vmRegisterFields} from '../spec.ts'

/** Returns the registered VMs of a cluster. */
export function vmDocuments({context, records}: Pick<LiveCluster, 'context' | 'records'>): ExportedDocument[] {
  return records.flatMap(record => {
    const vm = vmOfRecord(record)
    if (!vm) return []
    return [{context, raw: {...parseSettings(vmRegisterFields, dataOf(record).settings), ...vm}}]
  })
}
