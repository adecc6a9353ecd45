import {createHash} from 'node:crypto'
import type {AnyObject, Api} from '../servers/api.ts'
import {readAll} from './objects.ts'

/**
 * Compares the list of members in a parent ConfigMap with the live objects that carry the label of its set. Independent of the
 * code under test.
 *
 * @param namespace system namespace of a ground
 * @param parent name of the ConfigMap
 * @returns the lines of the list, and those of the live objects; they are equal if every object is listed with its UID
 */
export async function memberLists(
  api: Api,
  namespace: string,
  parent: string,
): Promise<{listed: string[]; live: string[]}> {
  const record = await api.get<AnyObject & {data: {members?: string}}>(
    `/api/v1/namespaces/${namespace}/configmaps/${parent}`,
  )
  const hash = createHash('sha256').update(`${parent}.${namespace}.ConfigMap.`).digest('base64url')
  const label = `applyset-${hash}-v1`
  const objects = Object.entries(await readAll(api, namespace)).filter(
    ([, {metadata}]) =>
      (metadata.labels as Record<string, string> | undefined)?.['applyset.kubernetes.io/part-of'] === label &&
      metadata.ownerReferences === undefined,
  )
  const live = objects.map(([path, {metadata}]) => {
    const [, group, version] = /^\/apis?\/(?:([^/]+)\/)?([^/]+)\/[^/]+ /.exec(path)!
    return `${group ? `${group}/` : ''}${version} ${metadata.namespace ?? '-'} ${metadata.name} ${metadata.uid}`
  })
  const lines = (record?.data.members ?? '').split('\n').filter(line => line !== '')
  // Items of a LIST have no kind.
  const listed = lines.map(line => line.replace(/^(\S+) \S+ /, '$1 '))
  return {listed: listed.sort(), live: live.sort()}
}

/** Turns the record of a federation into one of version 0.1.0, which had neither a list of members nor settings. */
export async function forgetMembers(api: Api, namespace: string, parent: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${parent}`
  const record = (await api.get<AnyObject & {data: Record<string, string>}>(path))!
  const {members: _members, settings: _settings, ...data} = record.data
  const {'kubectl-mesh.io/lists-members': _marker, ...annotations} = record.metadata.annotations as Record<
    string,
    string
  >
  await api.replace({...record, metadata: {...record.metadata, annotations}, data}, 'kubectl-mesh')
}

/**
 * Removes lines from the list of members in a record, as a mistake of an administrator of the mesh. Returns the new list.
 *
 * @param path of the ConfigMap
 */
export async function editMembers(api: Api, path: string, keeps: (line: string) => boolean): Promise<string> {
  const record = (await api.get<AnyObject & {data: {members: string}}>(path))!
  const lines = record.data.members.split('\n').filter(line => line !== '' && keeps(line))
  const members = lines.map(line => `${line}\n`).join('')
  await api.replace({...record, data: {...record.data, members}}, 'someone')
  return members
}
