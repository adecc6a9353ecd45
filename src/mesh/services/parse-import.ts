import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {MeshError, type Problem, refusedError} from '../../errors.ts'
import {type Exporter, exportersAnnotation, type ServiceImport} from './objects.ts'
import type {MeshPort} from './ports.ts'

/**
 * Reads an import from its ServiceEntry.
 *
 * @throws MeshError (exit 3) if the annotation with the exporters is missing or invalid
 */
export function readServiceImport(entry: KubernetesObject): ServiceImport {
  const {hosts, addresses} = (entry.spec ?? {}) as {hosts?: string[]; addresses?: string[]}
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.global$/.exec(hosts?.[0] ?? '') ?? []
  const exporters = parseJson(entry.metadata.annotations?.[exportersAnnotation] ?? '')
  if (!name || !namespace || !areExporters(exporters))
    throw refusedError(
      `ServiceEntry ${entry.metadata.name} in ${entry.metadata.namespace}: annotation ${exportersAnnotation} was changed and cannot be read`,
      'delete the ServiceEntry and its DestinationRule of the same name, then export the service again',
    )
  return {name, namespace, exporters, addresses: addresses ?? []}
}

/** An import with its ServiceEntry. */
export interface ParsedImport {
  entry: KubernetesObject
  imported: ServiceImport
}

/** Reads imports from their ServiceEntries. Entries that cannot be read are problems. */
export function parseImports(entries: readonly KubernetesObject[]): {imports: ParsedImport[]; problems: Problem[]} {
  const imports: ParsedImport[] = []
  const problems: Problem[] = []
  for (const entry of entries)
    try {
      imports.push({entry, imported: readServiceImport(entry)})
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      problems.push(...error.problems)
    }
  return {imports, problems}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function areExporters(value: unknown): value is Record<string, Exporter> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const all = Object.values(value)
  return all.length > 0 && all.every(isExporter)
}

/** Checks the fields that `buildServiceImport` needs. */
function isExporter(value: unknown): value is Exporter {
  if (typeof value !== 'object' || value === null) return false
  const {addresses, port, network, identities, ports, clusterDomain} = value as Record<string, unknown>
  const areTexts = (list: unknown) => Array.isArray(list) && list.every(text => typeof text === 'string')
  const isPort = (one: unknown) => typeof (one as Partial<MeshPort> | null)?.number === 'number'
  return (
    areTexts(addresses) &&
    areTexts(identities) &&
    Array.isArray(ports) &&
    ports.every(isPort) &&
    typeof port === 'number' &&
    [network, clusterDomain].every(text => typeof text === 'string')
  )
}
