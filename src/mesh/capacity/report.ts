import {formatTable} from '../../terminal/output/table.ts'
import {someOf} from '../../text/count.ts'
import type {Forecast} from './istio-needs.ts'
import type {Forecasts} from './read.ts'

/** The forecasts as a table. Empty if there is none. */
export function formatForecasts({now, at, atIsUnknown, uncounted}: Forecasts): string {
  const rows = [...(now ? [row('today', now)] : []), ...(at ? [row('--at', at)] : [])]
  const heads = [
    'forecast',
    'clusters',
    'endpoints',
    'Secrets',
    'watches of an istiod',
    'memory of an istiod',
    'CSRs at a root change',
  ]
  const table = rows.length > 0 ? formatTable(heads, rows) : ''
  return uncounted.length > 0 ? `${table}${reasonOf(uncounted, atIsUnknown ?? false)}\n` : table
}

function reasonOf(uncounted: readonly string[], atIsUnknown: boolean): string {
  const missing = atIsUnknown ? 'today, or for --at without endpoints=N' : 'today'
  return `pods could not be counted in ${someOf(uncounted)}; there is no forecast for ${missing} (requires permission to list pods in all namespaces)`
}

function row(name: string, {clusters, endpoints, secrets, watches, memory, requests}: Forecast): string[] {
  const range = `${roundedMiB(memory.withoutProxies)}-${roundedMiB(memory.withProxies)} MiB`
  return [name, String(clusters), String(endpoints), String(secrets), String(watches), range, String(requests)]
}

/** The forecasts as data. */
export function forecastData({now, at}: Forecasts): object {
  const dataOf = ({memory, requests, ...rest}: Forecast) => ({
    ...rest,
    memoryMiB: {withoutProxies: roundedMiB(memory.withoutProxies), withProxies: roundedMiB(memory.withProxies)},
    certificateRequests: requests,
  })
  return {now: now ? dataOf(now) : null, at: at ? dataOf(at) : null}
}

/** Memory in MiB with the precision of the model. */
export function roundedMiB(memory: number): number {
  return Math.round(memory / 5) * 5
}
