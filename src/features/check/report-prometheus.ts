import type {Forecast} from '../../mesh/capacity/istio-needs.ts'
import type {Forecasts} from '../../mesh/capacity/read.ts'
import {roundedMiB} from '../../mesh/capacity/report.ts'
import type {CheckReport} from './facts.ts'
import {findingsOf} from './report.ts'

const bytesPerMiB = 1024 * 1024

/**
 * The report in the text format of Prometheus, for the textfile collector of the node exporter (Prometheus documentation,
 * "Exposition formats", 0.0.4). Every check has a sample for each severity, so that an alert ends when its finding is gone.
 */
export function formatPrometheus(report: CheckReport): string {
  const {groups, expiries, clusters, now} = report
  const ids = [
    ...new Set(
      groups.flatMap(({checks, findings}) => [...checks.map(({id}) => id), ...findings.map(({check}) => check)]),
    ),
  ]
  const found = findingsOf(report)
  const counts = ids.flatMap(check =>
    (['error', 'warning'] as const).flatMap(severity => {
      const own = found.filter(finding => finding.check === check && finding.level === severity)
      const byCluster = Map.groupBy(own, ({cluster = ''}) => cluster)
      const samples =
        byCluster.size === 0 ? [['', 0] as const] : [...byCluster].map(([name, all]) => [name, all.length] as const)
      return samples.map(([cluster, value]) => sample('findings', {check, cluster, severity}, value))
    }),
  )
  return [
    ...family('findings', 'Findings of kubectl mesh check by check, cluster and severity.', counts),
    ...family(
      'expiry_seconds',
      'Seconds until a certificate or token expires.',
      expiries.map(({cluster, kind, name, expires}) =>
        sample('expiry_seconds', {cluster, kind, name}, Math.floor((expires.getTime() - now.getTime()) / 1000)),
      ),
    ),
    ...forecastFamilies(report.forecasts),
    ...family(
      'cluster_read',
      'Whether a cluster could be read.',
      clusters.map(({cluster, read}) => sample('cluster_read', {cluster}, read ? 1 : 0)),
    ),
    ...family('timestamp_seconds', 'Time of the check.', [
      sample('timestamp_seconds', {}, Math.floor(now.getTime() / 1000)),
    ]),
  ]
    .map(line => `${line}\n`)
    .join('')
}

/** What the mesh needs at its size (`size="now"`) and at that of `--at` (`size="at"`). */
function forecastFamilies({now, at}: Forecasts): string[] {
  const sizes = [
    ['now', now],
    ['at', at],
  ] as const
  const forecasts = sizes.flatMap(([size, forecast]) => (forecast ? [{size, forecast}] : []))
  const one = (name: string, help: string, value: (forecast: Forecast) => number) =>
    family(
      `forecast_${name}`,
      `Forecast: ${help}.`,
      forecasts.map(({size, forecast}) => sample(`forecast_${name}`, {size}, value(forecast))),
    )
  const memory = forecasts.flatMap(({size, forecast: {memory}}) => [
    sample('forecast_istiod_memory_bytes', {size, proxies: 'none'}, roundedMiB(memory.withoutProxies) * bytesPerMiB),
    sample('forecast_istiod_memory_bytes', {size, proxies: 'all'}, roundedMiB(memory.withProxies) * bytesPerMiB),
  ])
  return [
    ...one('clusters', 'clusters of the mesh', ({clusters}) => clusters),
    ...one('endpoints', 'pods of all clusters', ({endpoints}) => endpoints),
    ...one('secrets', 'remote Secrets and token Secrets of all clusters', ({secrets}) => secrets),
    ...one('istiod_watches', 'watches of one istiod at other clusters', ({watches}) => watches),
    ...family(
      'forecast_istiod_memory_bytes',
      'Forecast: memory of one istiod without connected proxies, and with those of all pods of its cluster.',
      memory,
    ),
    ...one('certificate_requests', 'certificate requests in one cluster at a root change', ({requests}) => requests),
  ]
}

/** A metric with its samples. The format allows each series only once. */
function family(name: string, help: string, samples: readonly string[]): string[] {
  if (samples.length === 0) return []
  return [`# HELP kubectl_mesh_check_${name} ${help}`, `# TYPE kubectl_mesh_check_${name} gauge`, ...distinct(samples)]
}

function distinct(samples: readonly string[]): string[] {
  const seriesOf = (line: string) => line.slice(0, line.lastIndexOf(' '))
  const first = new Map(samples.toReversed().map(line => [seriesOf(line), line]))
  return samples.filter(line => first.get(seriesOf(line)) === line).filter((line, at, all) => all.indexOf(line) === at)
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const text = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(label)}"`)
  return `kubectl_mesh_check_${name}${text.length > 0 ? `{${text.join(',')}}` : ''} ${value}`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
