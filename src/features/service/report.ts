import type {Outcome} from '../../engine/plan/apply.ts'
import {globalHost, type ServiceImport} from '../../mesh/services/objects.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'

/** The imports of a cluster after the change. */
export interface ImporterAfter {
  name: string
  imports: readonly ServiceImport[]
}

/**
 * Formats the results of a change: one row per service and importing cluster. The result is `removed` if no exporter of the
 * service remains.
 *
 * @param hosts hosts of the services that were changed
 * @param format undefined for a table
 */
export function formatServiceReport(
  hosts: ReadonlySet<string>,
  importers: readonly ImporterAfter[],
  outcomes: readonly Outcome[],
  format: string | undefined,
): string {
  const rows = [...hosts].sort().flatMap(service =>
    importers.flatMap(({name: importer, imports}) => {
      const own = outcomes.filter(({cluster, step}) => cluster === importer && step.ref.name === service)
      const imported = imports.find(one => globalHost(one) === service)
      // The only exporter of a service does not import it.
      if (!imported && own.length === 0) return []
      const results = new Set(own.map(({result}) => result))
      const worst = (['failed', 'not tried', 'ok', 'unchanged'] as const).find(result => results.has(result))
      const exporters = Object.keys(imported?.exporters ?? {}).sort()
      const endpoints = Object.values(imported?.exporters ?? {}).flatMap(({addresses}) => addresses).length
      const result = worst === 'ok' && !imported ? 'removed' : (worst ?? '-')
      return [{service, importer, exporters, endpoints, result}]
    }),
  )
  if (format === 'json') return `${JSON.stringify({services: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({services: rows})
  return formatTable(
    ['service', 'importer', 'exporters', 'endpoints', 'result'],
    rows.map(({service, importer, exporters, endpoints, result}) => [
      service,
      importer,
      exporters.join(',') || '-',
      String(endpoints),
      result,
    ]),
  )
}
