import {expect, test} from 'vitest'
import {formatRenewal, formatVmReport, type VmReport, vmReportOf} from '../../../src/features/vm/report.ts'
import {readRegistration} from './spec-support.ts'

const report: VmReport = {
  ...vmReportOf(readRegistration({revision: 'r1'}), 'corp.example'),
  folder: 'web-vm',
  files: ['web-vm/mesh.yaml'],
  tokenEnds: new Date('2026-01-02T00:00:00Z'),
}

test('prints a summary with the next step', () => {
  expect(formatVmReport(report, undefined)).toBe(
    `bundle    web-vm (1 file, token valid until 2026-01-02T00:00:00.000Z)
identity  spiffe://corp.example/ns/vm/sa/web
istiod    istiod-r1.istio-system.svc:15012
next      copy web-vm to the machine and run there: sudo sh install.sh
`,
  )
})

test.each([
  ['files', 'sudo sh install.sh'],
  ['cloud-init', 'web-vm/user-data'],
  ['ansible', 'web-vm/play.yaml'],
  ['script', 'web-vm/install-web.sh'],
] as const)('--format %s: the next step names %s', (format, text) => {
  expect(formatVmReport({...report, format}, undefined)).toContain(text)
})

test('prints data and file names', () => {
  expect(JSON.parse(formatVmReport(report, 'json'))).toMatchObject({
    tokenEnds: '2026-01-02T00:00:00.000Z',
    identity: 'spiffe://corp.example/ns/vm/sa/web',
  })
  expect(formatVmReport(report, 'yaml')).toContain('folder: web-vm\n')
  expect(formatVmReport({...report, files: ['a', 'b']}, 'name')).toBe('a\nb\n')
})

test('a renewal over SSH is data too', () => {
  const renewed = {name: 'web', namespace: 'vm', host: 'admin@10.0.0.5', tokenEnds: new Date('2026-01-02T00:00:00Z')}
  const data = {...renewed, tokenEnds: '2026-01-02T00:00:00.000Z'}
  expect(JSON.parse(formatRenewal(renewed, 'json'))).toEqual(data)
  expect(formatRenewal(renewed, 'yaml')).toContain('host: admin@10.0.0.5\n')
  expect(formatRenewal(renewed, 'name')).toBe('vm/web\n')
  expect(formatRenewal(renewed, undefined)).toBe('vm/web on admin@10.0.0.5: token valid until 2026-01-02T00:00:00.000Z')
})
