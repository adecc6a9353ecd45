import {createHash} from 'node:crypto'
import {type AnyObject, type Api, pathOf} from '../servers/api.ts'

type Fields = {[name: string]: Fields}

const manager = 'kubectl-mesh'

/**
 * Turns a record into that of one revision, as version 0.1.0 wrote it: the name of the ConfigMap and the label of the members
 * contain the revision, and Istio resources are labelled `istio.io/rev`.
 *
 * @param name of the record: `kubectl-mesh-federation`
 */
export async function toRevisionRecord(api: Api, namespace: string, name: string, revision: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`
  const record = (await api.get<AnyObject & {data: Record<string, string>}>(path))!
  const old = `${name}-${revision}`
  const id = `applyset-${createHash('sha256').update(`${old}.${namespace}.ConfigMap.`).digest('base64url')}-v1`
  const {labels, annotations} = record.metadata as {labels?: object; annotations?: object}
  const metadata = {name: old, namespace, labels: {...labels, 'applyset.kubernetes.io/id': id}, annotations}
  await api.apply({apiVersion: 'v1', kind: 'ConfigMap', metadata, data: record.data}, undefined, manager)
  for (const line of (record.data.members ?? '').split('\n').filter(line => line !== '')) {
    const [apiVersion, kind, where, member] = line.split(' ') as [string, string, string, string]
    const ref = {apiVersion, kind, metadata: {name: member, ...(where === '-' ? {} : {namespace: where})}}
    const own = appliedPart((await api.get(pathOf(ref)))!)
    const isIstio = apiVersion.startsWith('networking.istio.io/')
    const partOf = {...(own.metadata.labels as object), 'applyset.kubernetes.io/part-of': id}
    const labelled = {...partOf, ...(isIstio ? {'istio.io/rev': revision} : {})}
    await api.apply(
      {...own, ...ref, metadata: {...own.metadata, ...ref.metadata, labels: labelled}},
      undefined,
      manager,
    )
  }
  await api.delete(path)
}

/** Labels an Istio resource with a revision, as version 0.1.0 wrote it. */
export async function labelWithRevision(api: Api, object: AnyObject, revision: string): Promise<void> {
  const {apiVersion, kind, metadata} = object
  const {metadata: own, ...rest} = appliedPart(object)
  const labels = {...(own.labels as object), 'istio.io/rev': revision}
  const ref = {name: metadata.name, namespace: metadata.namespace!}
  await api.apply({...rest, apiVersion, kind, metadata: {...own, ...ref, labels}}, undefined, manager)
}

/** The fields of a live object that the program applied. */
function appliedPart(object: AnyObject): AnyObject {
  const entries = object.metadata.managedFields as {manager: string; operation: string; fieldsV1: Fields}[]
  const entry = entries.find(one => one.manager === manager && one.operation === 'Apply')!
  return part(object, entry.fieldsV1) as AnyObject
}

function part(value: unknown, fields: Fields): unknown {
  const inner = Object.entries(fields).filter(([key]) => key !== '.')
  if (inner.length === 0) return value
  if (!Array.isArray(value))
    return Object.fromEntries(
      inner.map(([key, own]) => {
        const name = key.replace(/^f:/, '')
        return [name, part((value as Record<string, unknown>)[name], own)]
      }),
    )
  return inner.flatMap(([key, own]) => {
    if (key.startsWith('v:')) return [JSON.parse(key.slice(2))]
    const keys = JSON.parse(key.slice(2)) as Record<string, unknown>
    const item = value.find(one => Object.entries(keys).every(([name, wanted]) => one[name] === wanted))
    return [{...keys, ...(part(item, own) as object)}]
  })
}
