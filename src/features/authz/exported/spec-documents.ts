import {dataOf, type ExportedDocument, type LiveCluster, unlessMissing} from '../../../mesh/exported/exported.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {authzRecordsIn} from '../records/objects.ts'
import {authzAttachFields} from '../spec.ts'

/** Returns the external authorizers of a cluster. */
export function authorizerDocuments({context, records}: Pick<LiveCluster, 'context' | 'records'>): ExportedDocument[] {
  return records.flatMap(one => {
    const {namespace: systemNamespace = ''} = one.metadata
    return authzRecordsIn([one], systemNamespace).map(({name, parent, revisions}) => {
      const [first, ...others] = revisions.includes('default') ? ['default'] : revisions
      const raw = {
        ...parseSettings(authzAttachFields, dataOf(parent).settings),
        name,
        systemNamespace,
        ...unlessMissing('revision', first === 'default' ? undefined : first),
      }
      const gaps =
        others.length === 0 ? [] : [`revision ${others.join(', ')}: a document attaches its authorizer to one revision`]
      return {context, raw, gaps}
    })
  })
}
