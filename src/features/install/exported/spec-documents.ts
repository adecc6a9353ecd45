import {storedValues} from '../../../control-plane/values.ts'
import {controlPlaneApplySet} from '../../../mesh/control-plane/objects.ts'
import {isByInstall} from '../../../mesh/control-plane/stored.ts'
import {
  dataOf,
  type ExportedDocument,
  isRecordOf,
  type LiveCluster,
  unlessMissing,
} from '../../../mesh/exported/exported.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {installFields} from '../spec.ts'

/** Returns the control planes of a cluster that `mesh install` created. */
export function controlPlaneDocuments({
  context,
  records,
}: Pick<LiveCluster, 'context' | 'records'>): ExportedDocument[] {
  return records.flatMap(record => {
    const {revision: name = 'default', settings, via} = dataOf(record)
    const revision = name === 'default' ? undefined : name
    const {namespace: systemNamespace = ''} = record.metadata
    if (!isRecordOf(record, controlPlaneApplySet({systemNamespace, revision})) || !isByInstall(record)) return []
    const values = storedValues({requested: {}, reset: [], complete: false}, record)
    const raw = {
      ...unlessMissing('via', via),
      ...parseSettings(installFields, settings),
      systemNamespace,
      ...unlessMissing('revision', revision),
    }
    return [{context, raw, ...(values === undefined ? {} : {values})}]
  })
}
