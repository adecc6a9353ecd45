import {expect, test} from 'vitest'
import {roleChecks} from '../../../../src/features/federate/preflight/checks-roles.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {remoteSecret} from '../../../mesh/samples.ts'
import type {RemoteDiffers} from '../../../mesh/samples-remote.ts'
import {joinedAs, remoteCases} from './cases-remote.ts'
import {remoteSubject, testCases} from './samples.ts'

testCases(roleChecks, remoteCases)

const remoteSecrets = [remoteSecret('istio-remote-secret-x', {x: 'k'})]

test.each<[string, RemoteDiffers]>([
  ['a remote together with its primary', {west: {record: joinedAs('west', 'east')}}],
  ['a primary with only some of its remotes', {east: {record: joinedAs('east', undefined), remoteSecrets}}],
  [
    'a primary that becomes a peer with all its remotes',
    {raw: {mode: 'multi-primary'}, east: {record: joinedAs('east', undefined)}},
  ],
])('no findings for %s', (_, differs) => expect(runChecks(roleChecks, remoteSubject(differs))).toEqual([]))
