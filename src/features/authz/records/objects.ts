import {type ApplySet, applySetId} from '../../../engine/kubernetes/applyset.ts'
import {applySetParent, idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Apply} from '../../../engine/kubernetes/change.ts'
import {membersKey} from '../../../engine/kubernetes/member-record.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {readTextUndo, type TextUndo} from '../../../text/text-undo.ts'
import {authzApplySet} from '../spec.ts'

/**
 * A record of an authorizer. One record serves all revisions in a system namespace: they read the same policies. Only the
 * provider is in the mesh config of each revision.
 */
export interface AuthzRecord {
  /** Name of the authorizer. */
  name: string
  /** Version 0.1.0 had one record for each revision, `kubectl-mesh-authz-NAME-REV`. Such a record keeps its name. */
  set: ApplySet
  parent: KubernetesObject
  /** Revisions to whose mesh config the provider was added; `default` stands for the control plane without a revision. */
  revisions: string[]
  /** Where the provider is written: `mesh-config`. */
  via: string | undefined
  /** Revisions whose mesh config had the provider before, and `shared-config` for the shared one. They keep it. */
  existing: string[]
  /** Places in which an earlier run with another `--via` wrote the provider, and from which it must still be removed. */
  former: string[]
  /** How to restore the text of mesh configs, by place, where removing the provider would not. */
  undo: ReadonlyMap<string, TextUndo>
}

/** Stands for the shared mesh config among revisions. */
export const sharedPlace = 'shared-config'

/** Key of the revisions in a record. */
const revisionsKey = 'revisions'

/** Key of the mesh configs in a record that had the provider before. */
const existingKey = 'existing-providers'

/** Key of the mesh configs in a record from which the provider must be removed. */
const formerKey = 'former-providers'

/** Beginning of the keys that store how to restore a mesh config. The place follows. */
const undoPrefix = 'undo.'

/** The data of a record that stores how to restore the text of mesh configs, by place. */
export function undoData(undo: ReadonlyMap<string, TextUndo>): Record<string, string> {
  return Object.fromEntries([...undo].map(([place, one]) => [`${undoPrefix}${place}`, JSON.stringify(one)]))
}

function undoIn(data: Readonly<Record<string, string | undefined>>): Map<string, TextUndo> {
  const found = Object.entries(data).flatMap(([key, text]): [string, TextUndo][] => {
    const undo = key.startsWith(undoPrefix) ? readTextUndo(text) : undefined
    return undo ? [[key.slice(undoPrefix.length), undo]] : []
  })
  return new Map(found)
}

/** The data of a record that lists the revisions which have the provider. */
export function revisionsData(revisions: readonly string[]): Record<string, string> {
  return {[revisionsKey]: [...new Set(revisions)].sort().join(',')}
}

/**
 * The data of a record that lists the mesh configs which had the provider before, and those from which it must be removed: if
 * the run is killed, the next one removes it.
 */
export function providersData({existing, former}: Pick<AuthzRecord, 'existing' | 'former'>): Record<string, string> {
  return Object.fromEntries(
    Object.entries({[existingKey]: existing, [formerKey]: former})
      .filter(([, places]) => places.length > 0)
      .map(([key, places]) => [key, [...places].sort().join(',')]),
  )
}

/**
 * The records of authorizers among the ConfigMaps of a system namespace.
 *
 * @param maps ConfigMaps with the label of an ApplySet's parent
 */
export function authzRecordsIn(maps: readonly KubernetesObject[], systemNamespace: string): AuthzRecord[] {
  return maps.flatMap(parent => {
    const {name, ...data} = (parent.data ?? {}) as Record<string, string | undefined>
    if (name === undefined) return []
    const base = authzApplySet({name, systemNamespace})
    const set = {...base, name: parent.metadata.name}
    const isNamed = set.name === base.name || set.name.startsWith(`${base.name}-`)
    if (!isNamed || parent.metadata.labels?.[idLabel] !== applySetId(set)) return []
    const listOf = (key: string) => data[key]?.split(',').filter(revision => revision !== '')
    const listed = listOf(revisionsKey)
    return [
      {
        name,
        set,
        parent,
        revisions: listed ?? [set.name.slice(base.name.length + 1) || 'default'],
        via: data.via,
        existing: listOf(existingKey) ?? [],
        former: listOf(formerKey) ?? [],
        undo: undoIn(data),
      },
    ]
  })
}

/**
 * The record of an authorizer: the one that has the revision, else the one with the name that a new record gets, else any.
 *
 * @param revision undefined for the control plane without a revision
 */
export function recordOf(
  records: readonly AuthzRecord[],
  name: string,
  revision: string | undefined,
): AuthzRecord | undefined {
  const named = records.filter(record => record.name === name)
  return (
    named.find(({revisions}) => revisions.includes(revision ?? 'default')) ??
    named.find(({set}) => set.name === authzApplySet({name, systemNamespace: set.namespace}).name) ??
    named[0]
  )
}

/** The record of an authorizer that other revisions still use. It keeps all other data. */
export function buildRevisions({set, parent}: AuthzRecord, revisions: readonly string[], cluster: string): Apply {
  const {[membersKey]: _, ...data} = (parent.data ?? {}) as Record<string, string>
  return applySetParent(set, cluster, {...data, ...revisionsData(revisions)})
}
