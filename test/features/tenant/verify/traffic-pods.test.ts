import {expect, test} from 'vitest'
import {answersIn, hasEnded, isRunning} from '../../../../src/features/tenant/verify/traffic-pods.ts'

function podOf(status: object) {
  return {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'x'}, status}
}

test('a pod runs when it has an IP address and all containers are ready', () => {
  expect(isRunning(undefined)).toBe('Pending')
  expect(isRunning(podOf({phase: 'Running', containerStatuses: [{name: 'a', ready: true}]}))).toBe('Running')
  const waiting = {name: 'a', state: {waiting: {reason: 'ErrImagePull'}}}
  expect(isRunning(podOf({podIP: '10.0.0.1', containerStatuses: [waiting]}))).toBe('ErrImagePull')
  expect(isRunning(podOf({podIP: '10.0.0.1', containerStatuses: [{name: 'a', ready: true}]}))).toBe(true)
})

test('a client has ended even if its sidecar runs', () => {
  const client = {name: 'mesh-client', state: {terminated: {exitCode: 0}}}
  expect(hasEnded(podOf({containerStatuses: [{name: 'istio-proxy'}, client]}))).toBe(true)
  expect(hasEnded(podOf({phase: 'Running', containerStatuses: [{name: 'istio-proxy'}]}))).toBe('Running')
})

test('one 200 of several requests to a server counts', () => {
  expect(answersIn('a 200\nb 503\nb 200\nc 000\nc 503\n', 'a', ['a', 'b', 'c'])).toEqual([
    {from: 'a', to: 'a', code: 200},
    {from: 'a', to: 'b', code: 200},
    {from: 'a', to: 'c', code: 503},
  ])
})

test.each(['', 'a', 'a x', 'b 200'])('the message %j has no result for a', message => {
  expect(() => answersIn(message, 'a', ['a'])).toThrow('the workload of a reported no result for its request to a')
})
