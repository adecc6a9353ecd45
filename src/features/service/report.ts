import type {Outcome} from '../../engine/plan/apply.ts'
import {globalHost, type ServiceImport} from '../../mesh/services/objects.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'

/** What a cluster imports after the last write. */
export interface ImporterAfter {
  name: string
  imports: readonly ServiceImport[]
}

/**
 * What came of some services: one row a service and importing cluster. `removed` where nobody exports it there any more.
 *
 * @param hosts those that the command was about
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
      // an exporter that nobody else exports with does not know its own service by this name
      if (!imported && own.length === 0) return []
      const results = new Set(own.map(({result}) => result))
      const worst = (['failed', 'not tried', 'ok', 'unchanged'] as const).find(result => results.has(result))
      const exporters = Object.keys(imported?.exporters ?? {}).sort()
      const endpoints = Object.values(imported?.exporters ?? {}).flatMap(({addresses}) => addresses).length
      const result = worst === 'ok' && !imported ? 'removed' : (worst ?? '–')
      return [{service, importer, exporters, endpoints, result}]
    }),
  )
  if (format === 'json') return `${JSON.stringify({services: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({services: rows})
  return `\n${formatTable(
    ['service', 'importer', 'exporters', 'endpoints', 'result'],
    rows.map(({service, importer, exporters, endpoints, result}) => [
      service,
      importer,
      exporters.join(',') || '–',
      String(endpoints),
      result,
    ]),
  )}`
}
