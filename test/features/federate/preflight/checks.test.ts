import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {federationChecks} from '../../../../src/features/federate/preflight/checks.ts'
import {controlPlane, gatewayService, remoteSecret} from '../../../mesh/samples.ts'
import {generalCases} from './cases.ts'
import {type Differs, findingsOf, meshCa, subject} from './samples.ts'

const folder = {folder: meshCa.root, folderName: 'mesh-ca', hasKey: true}
const revision = {revision: '1-30', controlPlanes: [controlPlane('east', {revision: '1-30'})]}

describe('no findings', () => {
  test.each<[string, Differs]>([
    ['two clusters that match', {}],
    ['a single network', {raw: {singleNetwork: true}, plane: {network: 'net-east'}}],
    ['versions one minor apart', {plane: {version: '1.29.6'}}],
    ['a revision', {raw: {revision: '1-30'}, east: revision, west: {revision: '1-30'}, plane: {revision: '1-30'}}],
    ['a revision tag', {raw: {revision: 'prod'}, east: revision, west: {revision: '1-30'}, plane: {revision: '1-30'}}],
    [
      'no mesh ID in any cluster',
      {plane: {meshId: undefined}, east: {controlPlanes: [controlPlane('east', {meshId: undefined})]}},
    ],
    ['a loopback address that is specified', {raw: {server: ['west=https://127.0.0.1:6443']}}],
    ['cacerts with one root', {east: {caSecret: meshCa.cacerts}, west: {caSecret: meshCa.cacerts}}],
    ['the same root in cacerts and in istiod', {east: {caSecret: meshCa.cacerts}}],
    ['cacerts with the root of the folder', {roots: folder, west: {caSecret: meshCa.cacerts}}],
    ['no root yet, but a folder that can issue', {roots: folder, west: {servedRoot: undefined}}],
    [
      'a remote Secret that istioctl created',
      {west: {remoteSecrets: [remoteSecret('istio-remote-secret-east', {east: 'x'})]}},
    ],
    ['a remote Secret for a cluster outside this run', {west: {remoteSecrets: [remoteSecret('any', {far: 'x'})]}}],
    [
      'our bundled Secret',
      {raw: {credentials: 'bundled'}, west: {remoteSecrets: [remoteSecret('istio-remote-secrets', {east: 'x'})]}},
    ],
    [
      'existing gateways with --gateway-service-type ClusterIP',
      {
        raw: {gatewayServiceType: 'ClusterIP'},
        east: {networkGateways: [gatewayService('net-east')]},
        west: {networkGateways: [gatewayService('net-west')]},
      },
    ],
    [
      'no gateways with --gateway-service-type ClusterIP',
      {raw: {gatewayServiceType: 'ClusterIP', singleNetwork: true}, plane: {network: 'net-east'}},
    ],
    ['no denied permissions', {denied: new Map([['west', []]])}],
  ])('%s', (_, differs) => expect(findingsOf(subject(differs))).toEqual([]))
})

test('check IDs are unique', () => {
  const ids = federationChecks.map(({id}) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

/** The hints of one case, for a context with another name. */
function hintsFor(context: string, [check, , , , , differs]: (typeof generalCases)[number]): string[] {
  const {raw: given, ...rest} = differs
  const name = {'cluster-names': 'east', 'cluster-name-fits': given && 'clusterName' in given ? 'b' : 'west'}[check]
  const raw = {network: [`${context}=net-west`], ...given, clusterName: [`${context}=${name ?? 'west'}`]}
  const findings = findingsOf(subject({...rest, raw, contexts: ['east', context]})).filter(one => one.check === check)
  expect([check, findings.length]).toEqual([check, 1])
  return findings[0]!.hints ?? []
}

describe.each([`it's prod; $(id) "x"`, 'arn:aws:eks:eu-1:123:cluster/prod', '-x'])('context %s', context => {
  test.each(generalCases.map(one => [one[0], one[1], one] as const))(
    'hints of %s can be pasted: %s',
    (_, _what, one) => {
      for (const hint of hintsFor(context, one)) {
        if (!/--context|CTX|NAME$|--(network|cluster-name|server) /.test(hint)) continue
        const words = execFileSync('sh', ['-c', `printf '%s\\0' ${hint}`], {encoding: 'utf8'}).split('\0')
        expect([hint, words.some(word => word === context || word.startsWith(`${context}=`))]).toEqual([hint, true])
      }
    },
  )
})
