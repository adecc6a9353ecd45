import http from 'node:http'
import {join} from 'node:path'
import {inspect} from 'node:util'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {contextsOf, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {MeshError} from '../../../src/errors.ts'
import {failureOf, failureText} from '../../../src/terminal/failure.ts'
import {listen} from '../../support/listen.ts'
import {propertyRuns} from '../../support/property-runs.ts'
import {type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'
import {folderWith} from './folders.ts'

/** Part of every planted secret. It has no letter that another encoding would change. */
const mark = 'c4n4ry'
/** What the Authorization header of a planted name and password contains. */
const encodedMark = /YzRuNHJ5|M0bjRye|jNG40cn/

/** Texts with which a secret can begin and end: special in YAML, headers, URLs, terminals or C strings. */
const edges = fc.constantFrom(
  ...['', '', '', '*', '!', '!<', '&', '%', '@', '`', '{', '[', '"', "'", '|', '>', '#', '? ', '- ', ': ', '<<: *'],
  ...[
    '\n',
    '\r\n',
    '\u0000',
    '\u001b]0;',
    '\u009d',
    '\u202e',
    '\ud800',
    'ü',
    '://',
    '@x',
    ' ',
    '\t',
    '\\',
    '%zz',
    '()',
  ],
)
const secret = fc.tuple(edges, edges).map(([before, after]) => `${before}${mark}${after}`)
/** A secret where its type is right, and where it is wrong. */
const planted = fc.oneof(
  {weight: 6, arbitrary: secret},
  {weight: 1, arbitrary: fc.tuple(secret).map(([text]) => [text])},
  {weight: 1, arbitrary: secret.map(text => ({[text]: text}))},
  {weight: 1, arbitrary: secret.map(text => Buffer.from(text).toString('base64'))},
)
const mapOf = (value: fc.Arbitrary<unknown>) => fc.dictionary(fc.oneof(fc.constant('key'), secret), value, {maxKeys: 2})
const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, {requiredKeys: []}) as fc.Arbitrary<Record<string, unknown>>
const version = fc.oneof(fc.constant('client.authentication.k8s.io/v1'), planted)

/** Not planted: names of hosts (tls-server-name, the host of a proxy), which errors show. */
const clusterFields = some({
  'certificate-authority': planted,
  'certificate-authority-data': planted,
  'proxy-url': fc
    .tuple(fc.constantFrom('http://', 'https://', 'socks5://', ''), fc.constantFrom('', 'u:'), secret)
    .map(([scheme, user, text]) => `${scheme}${user}${text}@127.0.0.1:1`),
  extensions: fc.constant([{name: 'client.authentication.k8s.io/exec', extension: {a: mark}}]),
})
const userFields = some({
  token: planted,
  tokenFile: fc.oneof(planted, fc.constant('token-file')),
  username: planted,
  password: planted,
  'client-certificate': planted,
  'client-certificate-data': planted,
  'client-key': planted,
  'client-key-data': planted,
  as: planted,
  'as-uid': planted,
  'as-groups': fc.oneof(
    planted,
    planted.map(value => [value]),
  ),
  'as-user-extra': fc.oneof(planted, mapOf(planted), mapOf(planted.map(value => [value]))),
  'auth-provider': fc.oneof(
    planted,
    some({
      name: fc.constant('oidc'),
      config: fc.oneof(
        mapOf(planted),
        fc.record({
          'idp-issuer-url': fc.oneof(planted, fc.constant(`http://u:${mark}@127.0.0.1:1`)),
          'client-id': planted,
          'client-secret': planted,
          'refresh-token': planted,
          'id-token': fc.oneof(planted, fc.constant(`${mark}.${mark}.${mark}`)),
        }),
      ),
    }),
  ),
  exec: fc.oneof(
    planted,
    some({token: planted, clientCertificateData: planted, clientKeyData: planted, expirationTimestamp: planted}).map(
      status => ({
        apiVersion: 'client.authentication.k8s.io/v1',
        command: '/bin/echo',
        args: [JSON.stringify({apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status})],
        interactiveMode: 'Never',
      }),
    ),
    fc.record({
      apiVersion: version,
      command: fc.constantFrom('/bin/echo', '/bin/false', '/no/such/file'),
      args: fc.oneof(
        planted,
        planted.map(value => [value]),
      ),
      env: fc.oneof(
        planted,
        fc.record({name: secret, value: planted}).map(pair => [pair]),
      ),
      interactiveMode: fc.oneof({weight: 3, arbitrary: fc.constant('Never')}, {weight: 1, arbitrary: planted}),
      provideClusterInfo: fc.oneof(fc.boolean(), planted),
    }),
  ),
})
/** Few fields at once, so that an error in one of them does not hide the others. */
const few = (fields: fc.Arbitrary<Record<string, unknown>>) =>
  fc
    .tuple(fields, fc.array(fc.nat(), {minLength: 1, maxLength: 3}))
    .map(([all, picks]) =>
      Object.fromEntries(picks.flatMap(pick => Object.entries(all).slice(pick % 16, (pick % 16) + 1))),
    )
const top = fc.oneof(
  {weight: 5, arbitrary: fc.constant({})},
  {weight: 1, arbitrary: some({kind: planted, apiVersion: planted, preferences: planted})},
)
/** How the file is written: as JSON, or as YAML with plain scalars, which is broken if a secret is special in YAML. */
const config = fc.record({
  cluster: few(clusterFields),
  user: few(userFields),
  top,
  userInfo: fc.constantFrom('', '', '', '', `${mark}@`, `u:${mark}@`),
  plain: fc.boolean(),
  /** Content of the file that `tokenFile` may refer to. */
  tokenFile: secret,
})

let server: FaultProxy
let issuer: http.Server
let issuerPort: number
beforeAll(async () => {
  const unauthorized = {kind: 'Status', status: 'Failure', reason: 'Unauthorized', message: 'Unauthorized'}
  server = await startFaultProxy({decide: () => ({status: 401, body: unauthorized})})
  issuer = http.createServer((_, response) => response.end('{}'))
  issuerPort = await listen(issuer)
})
afterAll(async () => {
  await server.close()
  issuer.close()
})

function textOf({
  cluster,
  user,
  top,
  userInfo,
  plain,
}: typeof config extends fc.Arbitrary<infer T> ? T : never): string {
  const value = {
    ...top,
    'current-context': 'h',
    clusters: [
      {
        name: 'h',
        cluster: {server: server.url.replace('//', `//${userInfo}`), 'insecure-skip-tls-verify': true, ...cluster},
      },
    ],
    contexts: [{name: 'h', context: {cluster: 'h', user: 'u'}}],
    users: [{name: 'u', user}],
  }
  const json = JSON.stringify(value).replaceAll('127.0.0.1:1"', `127.0.0.1:${issuerPort}"`)
  if (!plain) return json
  return json.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (quoted, text: string) => (text.includes(mark) ? text : quoted))
}

/** Returns everything that a user, a log or a caller could see of an error. */
function visible(error: unknown): string {
  const shown = failureText(failureOf(error, 'test'), 6)
  return `${shown}\n${inspect(error, {depth: 12, showHidden: true, maxStringLength: null})}`
}

describe('a kubeconfig with secrets in every field', () => {
  it('never shows one in an output, message, cause or stack, and never ends in an unexpected error', async () => {
    const written: string[] = []
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation(text => Boolean(written.push(String(text))))
    }
    try {
      await fc.assert(
        fc.asyncProperty(config, async generated => {
          written.length = 0
          const folder = folderWith({config: textOf(generated), 'token-file': generated.tokenFile})
          const file = join(folder, 'config')
          const errors = await errorsOf(file, line => written.push(line))
          const seen = [...errors.map(visible), ...written].join('\n')
          expect(seen).not.toContain(mark)
          expect(seen).not.toMatch(encodedMark)
          for (const error of errors)
            expect(failureText(failureOf(error, 'test'), 0)).not.toContain('error: unexpected')
        }),
        {numRuns: propertyRuns()},
      )
    } finally {
      vi.restoreAllMocks()
    }
  })
})

/** Uses a kubeconfig in every way, and returns all errors. */
async function errorsOf(kubeconfig: string, log: (line: string) => void): Promise<unknown[]> {
  const errors: unknown[] = []
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      errors.push(error)
      return undefined
    }
  }
  const loaded = await attempt(() => loadKubeconfig({kubeconfig, env: {}}))
  if (!loaded) return errors
  await attempt(() => log(JSON.stringify(contextsOf(loaded))))
  const options = {fieldManager: 'test', requestTimeout: 500, verbose: log, warn: log}
  const cluster = await attempt(() => connectCluster(loaded, '', options))
  if (!cluster) return errors
  await attempt(() => cluster.read('/version'))
  await attempt(() => cluster.pods.exec({namespace: 'a', name: 'b'}, 'c', ['true']))
  cluster.close()
  return errors.filter(error => error instanceof MeshError || error instanceof Error)
}
