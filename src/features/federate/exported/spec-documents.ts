import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {dataOf, type ExportedDocument, type ExportedValues, unlessMissing} from '../../../mesh/exported/exported.ts'
import type {Raw} from '../../../spec/field.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {parseSettings} from '../../../spec/settings.ts'
import {federationFields} from '../spec.ts'

/** A cluster with a record of `mesh federate`. */
export interface JoinedCluster {
  context: string
  record: KubernetesObject
  /** Revision or tag that injects its gateways. */
  revision: string | undefined
  /** Root certificate of its control plane. */
  root: string | undefined
  /** Contents of `--values`, as the record of its control plane stores them. */
  values: readonly ExportedValues[]
}

/** Fields with one value per cluster. */
const perCluster = ['clusterName', 'network', 'server', 'gateway'] as const

/**
 * Returns one document for each federation. A record does not list the other clusters: those with the same settings and the same
 * root certificate are one federation.
 */
export function federationDocuments(clusters: readonly JoinedCluster[]): ExportedDocument[] {
  const known = clusters.flatMap(one => {
    const settings = parseSettings(federationFields, dataOf(one.record).settings)
    return settings ? [{...one, settings}] : []
  })
  const groups = [...Map.groupBy(known, keyOf).values()]
  return groups.map((group, at) => ({
    ...(groups.length > 1 ? {name: `federation-${at + 1}`} : {}),
    ...documentOf(group),
  }))
}

type Settings = RawSpec<typeof federationFields>
type Known = JoinedCluster & {settings: Settings}

function keyOf({record, revision, root, settings}: Known): string {
  return JSON.stringify([record.metadata.namespace, revision, root, sharedOf(settings)])
}

/** The settings that all clusters of a federation have in common. */
function sharedOf(settings: Settings): Settings {
  const shared = Object.entries(settings).filter(([name]) => !isPerCluster(name) && name !== 'values')
  return Object.fromEntries(shared.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isPerCluster(name: string): name is (typeof perCluster)[number] {
  return (perCluster as readonly string[]).includes(name)
}

function documentOf(group: readonly Known[]): ExportedDocument {
  const [{record, revision, settings}] = group as [Known]
  const contexts = group.map(({context}) => context)
  const primary = group.find(one => dataOf(one.record).cluster === settings.primary)
  const values = group.flatMap(one => one.values)
  const raw: Settings = {
    ...sharedOf(settings),
    contexts,
    systemNamespace: record.metadata.namespace,
    ...unlessMissing('revision', revision),
    ...(primary ? {primary: primary.context} : {}),
    ...Object.fromEntries(perCluster.flatMap(name => valuesOf(name, group))),
  }
  const isAlone = contexts.length < 2
  return {
    raw,
    values,
    gaps: isAlone ? [`contexts: no other cluster of the federation of ${contexts[0]} is exported`] : [],
  }
}

/** A record has the values of one cluster, under its name in the mesh. */
function valuesOf(name: (typeof perCluster)[number], group: readonly Known[]): [string, Raw][] {
  const values = group.flatMap(({context, settings}): [string, Raw][] => {
    const raw = settings[name]
    const [value] = raw === undefined || raw === null ? [] : Object.values(federationFields[name].parse(raw))
    return value === undefined ? [] : [[context, value as Raw]]
  })
  return values.length === 0 ? [] : [[name, Object.fromEntries(values)]]
}
