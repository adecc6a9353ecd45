import {describe, expect, test} from 'vitest'
import {primaryRemoteChecks} from '../../../../src/features/federate/preflight/checks.ts'
import {primaryChecks} from '../../../../src/features/federate/preflight/checks-primary.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {gatewayService, remoteSecret} from '../../../mesh/samples.ts'
import {injector, ledNamespace, type RemoteDiffers} from '../../../mesh/samples-remote.ts'
import {remoteCases} from './cases-remote.ts'
import {findingsOf, remoteSubject, testCases} from './samples.ts'

testCases(primaryChecks, remoteCases)

describe('no findings', () => {
  test.each<[string, RemoteDiffers]>([
    ['a primary and a remote that is set up', {}],
    ['the annotation for every cluster', {west: {namespace: ledNamespace('*')}}],
    ['the annotation for several clusters', {west: {namespace: ledNamespace('north,east')}}],
    ['no system namespace yet', {west: {namespace: undefined}}],
    ['cacerts in the remote, which no istiod reads', {west: {caSecret: remoteSecret('cacerts', {'ca-cert.pem': 'x'})}}],
    ['another root in the remote, which its primary replaces', {west: {servedRoot: 'x'}}],
    ['a loopback address of the primary, to which no cluster connects', {raw: {server: ['west=https://1.2.3.4:6443']}}],
    ['an old Secret in the remote, which no istiod reads', {west: {remoteSecrets: [remoteSecret('any', {east: 'x'})]}}],
    [
      'a single network',
      {raw: {singleNetwork: true}, plane: {network: undefined}, westRemote: {injector: injector('west', undefined)}},
    ],
    [
      'a gateway without a network',
      {
        east: {networkGateways: []},
        eastRemote: {
          gateway: gatewayService('', {
            spec: {ports: [{port: 15012}, {port: 15017}]},
            status: {loadBalancer: {ingress: [{ip: '203.0.113.11'}]}},
          }),
        },
      },
    ],
  ])('%s', (_, differs) => expect(findingsOf(remoteSubject(differs))).toEqual([]))
})

test.each(
  remoteCases.filter(({check}) => check !== 'primary-and-remotes').map(one => [one.check, one.what, one] as const),
)('no other check finds anything: %s: %s', (check, _, one) =>
  expect(findingsOf(one.subject()).map(finding => finding.check)).toEqual([check]),
)

test('contexts in hints are quoted for a shell', () => {
  const {spec, all} = remoteSubject({westRemote: {injector: undefined}})
  const odd = all.map(member => (member.cluster === 'west' ? {...member, context: "it's"} : member))
  const hints = runChecks(primaryRemoteChecks, {...remoteSubject({}), spec, all: odd}).flatMap(one => one.hints ?? [])
  expect(hints.join('\n')).toContain(`--context 'it'\\''s' `)
})
