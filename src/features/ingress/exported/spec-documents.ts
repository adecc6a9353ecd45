import {
  dataOf,
  type ExportedDocument,
  isRecordOf,
  type LiveCluster,
  storedPaths,
} from '../../../mesh/exported/exported.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {ingressApplySet} from '../objects.ts'
import {ingressDeployFields} from '../spec-deploy.ts'
import {ingressTlsApplySet} from '../tls/objects.ts'
import {ingressTlsFields, pathNames} from '../tls/spec.ts'

type Live = Pick<LiveCluster, 'context' | 'records'>

/** Returns the ingress gateways of a cluster. */
export function ingressGatewayDocuments({context, records}: Live): ExportedDocument[] {
  return records.flatMap(record => {
    const {gateway: name, namespace = '', settings} = dataOf(record)
    const {namespace: systemNamespace = ''} = record.metadata
    if (name === undefined || !isRecordOf(record, ingressApplySet({name, namespace, systemNamespace}))) return []
    return [{context, raw: {...parseSettings(ingressDeployFields, settings), name, namespace, systemNamespace}}]
  })
}

/** Returns the hosts with certificates at gateways of a cluster. The keys are never read: documents name files or Secrets. */
export function ingressTlsDocuments({context, records}: Live): ExportedDocument[] {
  return records.flatMap(record => {
    const {host, namespace = '', settings} = dataOf(record)
    const {namespace: systemNamespace = ''} = record.metadata
    if (host === undefined || !isRecordOf(record, ingressTlsApplySet({host, namespace, systemNamespace}))) return []
    const stored = parseSettings(ingressTlsFields, settings)
    const paths = stored?.secret === undefined ? storedPaths(record, pathNames) : {}
    const raw = {...stored, ...paths, host, namespace, systemNamespace}
    const isKnown = stored?.secret !== undefined || (paths.cert !== undefined && paths.key !== undefined)
    const gaps = isKnown ? [] : ['cert and key: the paths of the files are not recorded']
    return [{context, raw, gaps}]
  })
}
