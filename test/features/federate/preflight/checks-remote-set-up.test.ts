import {expect, test} from 'vitest'
import {remoteSetUpChecks} from '../../../../src/features/federate/preflight/checks-remote-set-up.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import type {RemoteDiffers} from '../../../mesh/samples-remote.ts'
import {remoteCases} from './cases-remote.ts'
import {remoteSubject, testCases} from './samples.ts'

testCases(remoteSetUpChecks, remoteCases)

test.each<[string, RemoteDiffers, string[]]>([
  ['an IP address and sail', {raw: {controlPlane: 'sail'}}, []],
  ['a host name and sail', {raw: {controlPlane: 'sail', remotePilotAddress: 'lb.example.com'}}, ['remote-set-up']],
  ['a host name and istioctl', {raw: {controlPlane: 'istioctl', remotePilotAddress: 'lb.example.com'}}, []],
])('a remote that is rendered for %s', (_, differs, checks) => {
  const given = remoteSubject(differs)
  const all = given.all.map(member => ({...member, rendered: {created: [], unrecorded: []}}))
  expect(runChecks(remoteSetUpChecks, {...given, all}).map(({check}) => check)).toEqual(checks)
})
