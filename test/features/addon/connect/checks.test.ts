import {expect, test} from 'vitest'
import {type ConnectSubject, connectChecks} from '../../../../src/features/addon/connect/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {kialiDeployment} from '../../../mesh/kiali/samples.ts'
import {member} from '../../../mesh/samples.ts'

const federated = 'external_services: {prometheus: {url: "https://thanos.example"}}'

function findings(more: Partial<ConnectSubject> = {}, config = federated) {
  const subject: ConnectSubject = {
    ...{
      home: member('east', {uid: 'uid-east'}),
      deployment: kialiDeployment(),
      targets: [member('west', {uid: 'uid-west'})],
    },
    ...{servers: {}, environment: {config, prometheus: [], certificates: new Map()}},
    ...more,
  }
  return runChecks(connectChecks, subject).map(({check, level, message}) => `${level} ${check}: ${message}`)
}

test('nothing is found in a mesh with one place for metrics', () => {
  expect(findings()).toEqual([])
})

test.each([
  [
    'two contexts of one cluster',
    {targets: [member('west', {uid: 'uid-east'})]},
    /kiali-clusters: .* are the same cluster/,
  ],
  [
    'two clusters with one name',
    {targets: [member('east', {uid: 'x'})]},
    /kiali-clusters: .* the same name in the mesh: east/,
  ],
  [
    'a name that no Secret can have',
    {targets: [{...member('west', {uid: 'x'}), cluster: 'West_1'}]},
    /kiali-clusters: .*West_1/,
  ],
  [
    'a loopback address',
    {targets: [{...member('west', {uid: 'x'}), server: 'https://127.0.0.1:6443'}]},
    /error kiali-api-server/,
  ],
])('reports %s', (_name, more, expected) => {
  expect(findings(more)).toEqual([expect.stringMatching(expected)])
})

test('an address that the user has set may be a loopback address', () => {
  const targets = [{...member('west', {uid: 'x'}), server: 'https://127.0.0.1:6443'}]
  expect(findings({targets, servers: {west: 'https://127.0.0.1:6443'}})).toEqual([])
})

test('reports a certificate that cannot be verified', () => {
  const environment = {config: federated, prometheus: [], certificates: new Map([['west', 'self-signed']])}
  expect(findings({environment})).toEqual([expect.stringContaining('cannot be verified (self-signed)')])
})

test('a login with a token supports one cluster only', () => {
  expect(findings({}, `auth: {strategy: token}\n${federated}`)).toEqual([expect.stringContaining('error kiali-login')])
  expect(findings({}, `auth: {strategy: openid}\n${federated}`)).toEqual([])
})

test.each([
  ['', true],
  ['external_services: {prometheus: {url: "http://prometheus.obs:9090"}}', true],
  ['external_services: {prometheus: {url: "http://thanos-query.obs:9090"}}', false],
])('the metrics of %j are those of one cluster: %s', (config, expected) => {
  expect(findings({}, config)).toEqual(expected ? [expect.stringContaining('warning kiali-metrics')] : [])
})

test.each([
  [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'prometheus'},
      data: {'prometheus.yml': 'metrics_path: /federate'},
    },
  ],
  [
    {
      ...{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'prometheus'}},
      spec: {template: {spec: {containers: [{args: ['--web.enable-remote-write-receiver']}]}}},
    },
  ],
])('a Prometheus that collects metrics of others is sufficient: %#', prometheus => {
  const environment = {config: '', prometheus: [prometheus], certificates: new Map<string, string>()}
  expect(findings({environment})).toEqual([])
})

test('a tool that manages Kiali has to mount the Secrets', () => {
  const deployment = kialiDeployment()
  deployment.metadata.labels = {'app.kubernetes.io/managed-by': 'Helm'}
  deployment.metadata.annotations = {'meta.helm.sh/release-name': 'kiali'}
  expect(findings({deployment})).toEqual([expect.stringContaining('Helm release kiali manages Deployment kiali')])
})
