import {expect, test} from 'vitest'
import {checkReport} from '../../../src/features/check/checks.ts'
import {formatPrometheus} from '../../../src/features/check/report-prometheus.ts'
import {checkFacts, day, now} from './samples.ts'

const base = checkFacts()
const held = {holder: 'ea"st\\', target: 'west', leftMs: 3 * day}
const twice = {level: 'error', check: 'gateway-address', cluster: 'west', message: 'x'} as const
const text = formatPrometheus(
  checkReport(
    {
      ...base,
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
