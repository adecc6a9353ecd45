import {expect, test} from 'vitest'
import {checkReport} from '../../../src/features/check/checks.ts'
import {formatPrometheus} from '../../../src/features/check/report-prometheus.ts'
import {checkFacts, day, forecasts, inDays, now} from './samples.ts'

const base = checkFacts()
const held = {holder: 'ea"st\\', target: 'west', leftMs: 3 * day}
const twice = {level: 'error', check: 'gateway-address', cluster: 'west', message: 'x'} as const
const token = {namespace: 'vms', name: 'web', systemNamespace: 'istio-system', machines: 'none'} as const
const text = formatPrometheus(
  checkReport(
    {
      ...base,
      forecasts,
      vmTokens: [{cluster: 'west', tokens: [{...token, expires: inDays(1)}]}],
      federation: {
        ...base.federation,
        members: [],
        report: {...base.federation.report, held: [held, held], findings: [twice, twice]},
      },
    },
    30 * day,
    now,
  ),
)

test('findings are counted by check, cluster and severity; a check without findings is 0', () => {
  expect(text).toContain('kubectl_mesh_check_findings{check="gateway-address",cluster="west",severity="error"} 2\n')
  expect(text).toContain('kubectl_mesh_check_findings{check="drift",cluster="",severity="error"} 0\n')
})

test('every line is valid in the text format, and every series appears once', () => {
  const lines = text.trimEnd().split('\n')
  const label = '[a-z]+="(?:[^"\\\\]|\\\\["\\\\n])*"'
  const sample = new RegExp(`^kubectl_mesh_check_[a-z_]+(?:\\{${label}(?:,${label})*\\})? -?\\d+$`)
  for (const line of lines) expect(line).toMatch(line.startsWith('#') ? /^# (HELP|TYPE) kubectl_mesh_check_/ : sample)
  const series = lines.filter(line => !line.startsWith('#')).map(line => line.slice(0, line.lastIndexOf(' ')))
  expect(new Set(series).size).toBe(series.length)
  expect(text).toContain(
    `kubectl_mesh_check_expiry_seconds{cluster="ea\\"st\\\\",kind="credential",name="for west"} ${3 * 86_400}\n`,
  )
})

test('the token of a VM is a series of what expires', () => {
  expect(text).toContain('kubectl_mesh_check_expiry_seconds{cluster="west",kind="VM token",name="vms/web"} 86400\n')
  expect(text).toContain('kubectl_mesh_check_findings{check="expiry-vm",cluster="west",severity="warning"} 1\n')
})

test('the forecast is a gauge for each of its numbers, by size; without a forecast there is none', () => {
  const samples = text.split('\n').filter(line => line.startsWith('kubectl_mesh_check_forecast_'))
  expect(samples).toEqual([
    'kubectl_mesh_check_forecast_clusters{size="now"} 2',
    'kubectl_mesh_check_forecast_clusters{size="at"} 100',
    'kubectl_mesh_check_forecast_endpoints{size="now"} 300',
    'kubectl_mesh_check_forecast_endpoints{size="at"} 40000',
    'kubectl_mesh_check_forecast_secrets{size="now"} 4',
    'kubectl_mesh_check_forecast_secrets{size="at"} 4',
    'kubectl_mesh_check_forecast_istiod_watches{size="now"} 9',
    'kubectl_mesh_check_forecast_istiod_watches{size="at"} 9',
    `kubectl_mesh_check_forecast_istiod_memory_bytes{size="now",proxies="none"} ${125 * 2 ** 20}`,
    `kubectl_mesh_check_forecast_istiod_memory_bytes{size="now",proxies="all"} ${1235 * 2 ** 20}`,
    `kubectl_mesh_check_forecast_istiod_memory_bytes{size="at",proxies="none"} ${125 * 2 ** 20}`,
    `kubectl_mesh_check_forecast_istiod_memory_bytes{size="at",proxies="all"} ${1235 * 2 ** 20}`,
    'kubectl_mesh_check_forecast_certificate_requests{size="now"} 200',
    'kubectl_mesh_check_forecast_certificate_requests{size="at"} 200',
  ])
  expect(formatPrometheus(checkReport(base, day, now))).not.toContain('forecast')
})
