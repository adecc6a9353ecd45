import {describe, expect, test} from 'vitest'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import {verifyClusters} from '../../../../src/features/federate/verify/checks-clusters.ts'
import {federationVerifyFields} from '../../../../src/features/federate/verify/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {formatJunit} from '../../../../src/terminal/output/junit.ts'
import {formatVerified} from '../../../../src/terminal/output/verify.ts'
import {primaryAndRemote} from '../../../mesh/samples-remote.ts'
import {expectGolden} from '../../../support/golden.ts'
import {observed} from './samples.ts'
import {balanced, entryOf, exporting, importing} from './samples-imports.ts'

const spec = readSpec(federationVerifyFields, {contexts: 'east,west'})
const now = new Date(Date.UTC(2030, 0, 1))

test('golden: the report in all formats', async () => {
  const federation = readSpec(federationFields, {contexts: 'east,west'})
  const east = observed('east', {
    credentials: [{key: 'west', secret: 'istio-remote-secret-west', target: 'west', state: 'refused'}],
    services: [],
  })
  const verified = verifyClusters([east, observed('west')], federation, spec, now)
  await expectGolden('federate-verify/report.txt', formatVerified(verified, undefined))
  await expectGolden('federate-verify/report.json', formatVerified(verified, 'json'))
  await expectGolden('federate-verify/report.xml', formatJunit('kubectl mesh federate verify', verified))
})

describe('the checks of the preflight that are repeated', () => {
  const common = ['distinct-clusters', 'cluster-names']
  const networks = ['distinct-networks', 'system-namespace-discovered']
  const controlPlane = [
    'control-plane',
    'cluster-name-fits',
    'mesh-config',
    'mesh-id',
    'trust-domain',
    'network',
    ...networks,
  ]
  const gateways = ['gateway-namespace', 'gateway-named', 'exposed-namespaces']
  const ofPrimary = [...common, 'istio-crds', ...controlPlane, 'versions', 'cluster-ca', ...gateways]
  const joined = ['gateway-pods', 'server-certificate']
  const own = verifyChecks.map(({id}) => id)

  /** The IDs per cluster, without the checks of `verify` itself. */
  function repeated(raw: object, clusters = [observed('east'), observed('west')]): string[][] {
    const federation = readSpec(federationFields, {contexts: 'east,west', ...raw})
    return verifyClusters(clusters, federation, spec, now).map(({checks}) =>
      checks.map(({id}) => id).filter(id => !own.includes(id)),
    )
  }

  test.each([
    [{}, [...ofPrimary, ...joined]],
    [{mode: 'gateways'}, [...ofPrimary, 'dns-capture', 'node-local-dns', 'gateway-pods']],
  ])('%j', (raw, expected) => expect(repeated(raw)).toEqual([expected, expected]))

  test('primary-remote mode: by the role of the cluster', () => {
    const {all} = primaryAndRemote()
    const clusters = all.map(member => ({...observed('east'), member}))
    expect(repeated({mode: 'primary-remote', primary: 'east'}, clusters)).toEqual([
      [...ofPrimary, 'serves-remotes', 'istiod-reachable', ...joined],
      [
        ...[...common, ...networks, ...gateways],
        ...['remote-istiod', 'remote-annotation', 'remote-name', 'remote-set-up', 'gateway-pods'],
      ],
    ])
  })

  test('none for a cluster that is not reachable', () => {
    const gone = observed('east', {unreachable: {message: 'no'}, istiods: []})
    expect(repeated({}, [gone, observed('west')])).toEqual([[], [...ofPrimary, ...joined]])
  })
})

test('the repair command of a cluster in primary-remote mode names the primary', () => {
  const {all} = primaryAndRemote({east: {networkGateways: []}})
  const clusters = all.map(member => ({...observed('east'), member}))
  const federation = readSpec(federationFields, {contexts: 'east,west', mode: 'primary-remote', primary: 'east'})
  const [east] = verifyClusters(clusters, federation, spec, now)
  expect(east!.findings.find(({check}) => check === 'gateway-address')?.hints).toEqual([
    'kubectl mesh federate --mode primary-remote --primary east --contexts east,west',
  ])
})

test('hints in gateways mode keep the mode, its DNS and the control plane', () => {
  const revision = readSpec(federationVerifyFields, {contexts: 'east,west', revision: 'default'})
  const federation = readSpec(federationFields, {contexts: 'east,west', mode: 'gateways', dns: 'coredns'})
  const all = importing([entryOf(exporting())], exporting({networkGateways: [balanced('203.0.113.12')]}))
  const [, west] = verifyClusters(all, federation, revision, now)
  const hintsOf = (id: string) => west!.findings.flatMap(({check, hints}) => (check === id ? [hints] : []))
  expect(hintsOf('imports-current')).toEqual([
    ['kubectl mesh service export hello -n sample --contexts east --to west --revision default'],
  ])
  expect(hintsOf('gateway-address')).toEqual([
    ['kubectl mesh federate --mode gateways --dns coredns --contexts east,west --revision default'],
  ])
  expect(hintsOf('dns-capture')).toEqual([])
})
