import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {ApiError} from '../../../src/engine/cluster/errors.ts'
import type {AuthorizerRow} from '../../../src/features/authz/report.ts'
import {authorizerListing} from '../../../src/features/authz/report.ts'
import type {CertificateRow} from '../../../src/features/ingress/tls/report-list.ts'
import {certificateListing} from '../../../src/features/ingress/tls/report-list.ts'
import {vmListing} from '../../../src/features/vm/list/report.ts'
import type {VmRow} from '../../../src/features/vm/list/report-rows.ts'
import {vmRows} from '../../../src/features/vm/list/report-rows.ts'
import type {ReportedFinding} from '../../../src/findings/check.ts'
import {failureOf, failureText} from '../../../src/terminal/failure.ts'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'
import {formatDiff} from '../../../src/terminal/output/diff.ts'
import {formatWarnings} from '../../../src/terminal/output/findings.ts'
import {formatJunit} from '../../../src/terminal/output/junit.ts'
import {formatFindings} from '../../../src/terminal/output/marks.ts'
import {formatNames, formatYaml} from '../../../src/terminal/output/objects.ts'
import {startProgress} from '../../../src/terminal/output/progress.ts'
import {createMasker} from '../../../src/terminal/output/redact.ts'
import {formatTable} from '../../../src/terminal/output/table.ts'
import {openTerminal, type Terminal, writeMessage} from '../../../src/terminal/output/terminal.ts'
import {formatVerified} from '../../../src/terminal/output/verify.ts'
import {dumpYaml, loadAllYaml, loadYaml} from '../../../src/text/yaml.ts'
import {configMap, creates, planOf, updates} from './steps.ts'

const formatAuthorizers = (rows: AuthorizerRow[], format: ListFormat) =>
  formatListing(authorizerListing(rows, new Date(0)), format)
const formatVmList = (all: readonly VmRow[], format: ListFormat, at: Date) => formatListing(vmListing(all, at), format)
const formatCertificates = (all: CertificateRow[], found: ReportedFinding[], at: Date, format: ListFormat) =>
  formatListing(certificateListing(all, found, at), format)

/** Clears the screen, writes the clipboard (OSC 52), sets the title with a C1 code, forges a line, reverses the text. */
const hostile = 'x\u001b[2J\u001b]52;c;cm0gLXJm\u0007\u009d0;t\u009c\n✔ forged\r\n\u202eevil\u200b\u{e0041}\u2028'
const finding: ReportedFinding = {check: 'a', level: 'error', message: hostile, hints: [hostile]}

/** What a terminal would act on, and the forged line. */
const acting = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]|^\s*✔ forged/mu

/** What is printed, on streams without colors. */
async function printedBy(action: (terminal: Terminal) => unknown): Promise<string> {
  const [stdout, stderr] = [new PassThrough({encoding: 'utf8'}), new PassThrough({encoding: 'utf8'})]
  await action(openTerminal({}, {stdin: {}, stdout, stderr, env: {}}))
  return `${stdout.read() ?? ''}${stderr.read() ?? ''}`
}

const verified = [{title: `${hostile}  (x)`, checks: [{id: 'a', about: 'about', from: hostile}], findings: [finding]}]
const leftOut = {secrets: 0, pending: 0, edits: 0}
const objects = [{cluster: hostile, objects: [{wave: 1, object: configMap('a', {k: hostile})}], removed: [], leftOut}]
const plan = planOf(
  creates(configMap('a', {[hostile]: hostile})),
  updates(configMap('b', {}), configMap('b', {k: hostile})),
)
const entry = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadEntry',
  metadata: {name: 'esc', namespace: 'team-a', annotations: {'istio.io/autoRegistrationGroup': hostile}},
  spec: {address: '10.9.9.9', locality: hostile, network: hostile},
}
const authorizer = {
  name: hostile,
  type: 'grpc' as const,
  service: hostile,
  port: 1,
  timeout: hostile,
  fail: 'open' as const,
  from: 'nowhere',
  usedBy: [hostile],
  notRead: [hostile],
  ours: false,
  created: '2026-01-01T00:00:00Z',
}
const certificate = {
  hosts: [hostile],
  gateway: hostile,
  port: 443,
  mode: 'SIMPLE',
  secret: hostile,
  subject: hostile,
  issuer: hostile,
  expires: undefined,
  created: undefined,
}

describe('nothing that is printed contains what a terminal would act on', () => {
  test.each<[string, (terminal: Terminal) => unknown]>([
    ['a result', terminal => terminal.print(hostile.replaceAll('\n', ''))],
    ['a message', terminal => terminal.message(hostile)],
    ['several messages', terminal => terminal.message([hostile, `hint:  ${hostile}`])],
    ['warnings', terminal => terminal.message(formatWarnings([finding]))],
    ['a table', terminal => terminal.print(formatTable([hostile], [[hostile]], {keepHeads: true}))],
    ['findings', terminal => terminal.print(formatFindings([finding]))],
    ['checks', terminal => terminal.print(formatVerified(verified, undefined))],
    ['checks as JSON', terminal => terminal.print(formatVerified(verified, 'json'))],
    ['checks as YAML', terminal => terminal.print(formatVerified(verified, 'yaml'))],
    ['checks as JUnit XML', terminal => terminal.print(formatJunit(hostile, verified))],
    ['a diff', async terminal => terminal.print(await formatDiff({...plan, cluster: hostile}, {mask: createMasker()}))],
    [
      'a diff before the confirmation',
      async terminal => terminal.message(await formatDiff(plan, {mask: createMasker()})),
    ],
    ['manifests', terminal => terminal.print(formatYaml([...objects, ...objects]))],
    ['names', terminal => terminal.print(formatNames([...objects, ...objects]))],
    ['progress', async terminal => (await startProgress(terminal, hostile)).done(hostile)],
    ['mesh vm list', terminal => terminal.print(formatVmList(vmRows([], [entry], []), 'wide', new Date()))],
    ['mesh authz list', terminal => terminal.print(formatAuthorizers([authorizer], 'wide'))],
    [
      'mesh ingress tls --list',
      terminal => terminal.print(formatCertificates([certificate], [finding], new Date(), 'wide')),
    ],
  ])('%s', async (_, action) => {
    const text = await printedBy(action)
    expect(text).toContain('evil')
    expect(text).not.toMatch(acting)
  })

  test('an error, its hints and its stack', () => {
    for (const error of [new ApiError(403, 'Forbidden', hostile), new TypeError(hostile)]) {
      const text = failureText(failureOf(error, undefined), 6)
      expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]|^✔ forged/mu)
    }
  })

  test('warnings of API servers', () => {
    const stream = new PassThrough({encoding: 'utf8'})
    writeMessage(`warning: ${hostile}`, stream)
    expect(stream.read()).not.toMatch(acting)
  })
})

describe('data remains the same', () => {
  test('JSON', async () => {
    const text = await printedBy(terminal => terminal.print(formatAuthorizers([authorizer], 'json')))
    const {timeout: _text, ...rest} = authorizer
    expect(JSON.parse(text)).toMatchObject([rest])
  })

  test('YAML', async () => {
    const value = {[hostile]: [hostile, {a: `${hostile}\nb\n`}]}
    expect(loadYaml(await printedBy(terminal => terminal.print(dumpYaml(value))))).toEqual(value)
  })

  test('manifests of several clusters: a name adds no object', async () => {
    const evil = [{...objects[0]!, cluster: 'a\n---\nkind: Evil'}]
    const text = await printedBy(terminal => terminal.print(formatYaml([...evil, ...objects])))
    expect(loadAllYaml(text)).toEqual([configMap('a', {k: hostile}), configMap('a', {k: hostile})])
  })
})

test('colors are added after values are escaped', async () => {
  const stdout = new PassThrough({encoding: 'utf8'})
  const terminal = openTerminal({}, {stdin: {}, stdout, stderr: stdout, env: {FORCE_COLOR: '1'}})
  terminal.print(await formatDiff({...plan, cluster: hostile}, {mask: createMasker()}))
  const text: string = stdout.read()
  expect(text).toContain('\u001b[1m')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of `styleText`
  expect(text.replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(acting)
})
