import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {dataOf, type ExportedDocument, unlessMissing} from '../../../mesh/exported/exported.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {count} from '../../../text/count.ts'
import {isMap, parseJson} from '../../../text/json.ts'
import {localityBalanceFields} from '../balance/spec.ts'
import {rawOfSetting, revisionInKey} from '../balance/spec-stored.ts'

type RawBalance = RawSpec<typeof localityBalanceFields>

/** Where the settings of a cluster were read. */
interface Place {
  context: string
  /** Revision that finds a control plane of the namespace; undefined if it has one without a revision. */
  revision: string | undefined
}

/**
 * Returns the documents of balanced hosts: one for each group of hosts with the same settings. The mesh-wide setting joins a group with
 * its settings.
 *
 * @param stored the ConfigMap with the settings of a system namespace
 */
export function balanceDocuments(stored: KubernetesObject, {context, revision}: Place): ExportedDocument[] {
  const {namespace: systemNamespace} = stored.metadata
  const where = (one: string | undefined) => ({systemNamespace, ...unlessMissing('revision', one)})
  const entries = Object.entries(dataOf(stored))
  const hosts = entries.flatMap(([host, text]) => {
    const raw = host.includes('.') && revisionInKey(host) === undefined && parseSettings(localityBalanceFields, text)
    return raw ? [{host, raw: {...raw, ...domainOf(host)}}] : []
  })
  const groups = Map.groupBy(hosts, ({raw}) => JSON.stringify(raw))
  const meshWide = entries.flatMap(([key, text]) => meshWideOf(key, text))
  const alone = meshWide.filter(one => !groups.has(one.settings) || one.revision !== revision)
  const hashed = entries.filter(([key]) => !key.includes('.')).length
  const gaps = hashed > 0 ? [`${count(hashed, 'host')} whose name is longer than 253 characters`] : []
  return [
    ...[...groups].map(([settings, group]): ExportedDocument => {
      const names = group.map(({host}) => host).sort()
      const mesh = meshWide.find(one => !alone.includes(one) && one.settings === settings)
      const raw = {...group[0]!.raw, hosts: names, ...where(revision), ...(mesh ? {meshWide: mesh.meshWide} : {})}
      return {...(names.length > 1 ? {name: `${names[0]}-and-more`} : {}), context, raw, gaps}
    }),
    ...alone.map(({raw, meshWide: value, revision: own}): ExportedDocument => {
      return {
        name: `mesh-wide${own === undefined ? '' : `-${own}`}`,
        context,
        raw: {...raw, ...where(own), meshWide: value},
      }
    }),
  ]
}

/** The DNS domain of a Service is part of its host. */
function domainOf(host: string): RawBalance {
  const domain = /^[^.]+\.[^.]+\.svc\.(.+)$/.exec(host)?.[1]
  return domain === undefined || domain === localityBalanceFields.clusterDomain.fallback ? {} : {clusterDomain: domain}
}

/** The setting that an earlier run has written to the mesh config. */
function meshWideOf(key: string, text: string | undefined) {
  const name = revisionInKey(key)
  const undo = parseJson(text ?? '')
  if (name === undefined || !isMap(undo) || !isMap(undo.set)) return []
  const raw = rawOfSetting(undo.set)
  const revision = name === 'default' ? undefined : name
  const meshWide = undo.set.enabled === false ? 'off' : 'on'
  return [{revision, meshWide, raw: meshWide === 'on' ? raw : {}, settings: JSON.stringify(raw)}]
}
