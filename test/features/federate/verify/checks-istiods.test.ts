import {describe, expect, test} from 'vitest'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import {debugPages} from '../../../../src/features/federate/verify/checks-istiods.ts'
import {controlPlane} from '../../../mesh/samples.ts'
import {type Differs, foundBy, helloHost, istiodState, observed, subjectOf} from './samples.ts'

const own = {id: 'east', secretName: '', syncStatus: 'synced'}

describe('findings of all checks for a cluster', () => {
  test.each<[string, Differs, string[]]>([
    [
      'no istiod pod is ready',
      {istiods: []},
      ['east istiod-answers error: no istiod pod of the revision is ready, so the state of istiod cannot be checked'],
    ],
    [
      'one of two istiod pods is ready',
      {facts: {controlPlanes: [controlPlane('east', {replicas: 2})]}},
      ['east istiod-answers warning: 1 of 2 istiod pods is ready; the others cannot be checked'],
    ],
    [
      'a debug page is refused',
      {istiods: [{pod: 'a', error: '/debug/clusterz returned HTTP 401'}, istiodState('east', 'west')]},
      ['east istiod-answers error: a: /debug/clusterz returned HTTP 401'],
    ],
    [
      'istiod has another cluster ID',
      {
        istiods: [
          istiodState('east', 'west', {
            clusters: [
              {...own, id: 'orient'},
              {id: 'west', secretName: 'a/b', syncStatus: 'synced'},
            ],
          }),
        ],
      },
      ['east own-name error: istiod-east reports cluster ID orient; expected east'],
    ],
    [
      'istiod does not watch the other cluster',
      {istiods: [istiodState('east', 'west', {clusters: [own]})]},
      ['east clusters-synced error: istiod-east does not watch west'],
    ],
    [
      'istiod is not synced with the other cluster',
      {
        istiods: [
          istiodState('east', 'west', {clusters: [own, {id: 'west', secretName: 'a/b', syncStatus: 'timeout'}]}),
        ],
      },
      ['east clusters-synced error: istiod-east is not synced with west: status timeout'],
    ],
    [
      'istiod has no endpoints of the other cluster',
      {istiods: [istiodState('east', 'west', {endpoints: new Map([['east', new Set([helloHost])]])})]},
      [
        'east endpoints-known error: istiod-east has endpoints in west for 0 of 1 service; missing: helloworld.sample.svc.cluster.local',
      ],
    ],
  ])('%s', (_, differs, expected) =>
    expect(foundBy(verifyChecks, [observed('east', differs), observed('west')])).toEqual(expected),
  )

  test('missing endpoints of some services are a warning', () => {
    const west = observed('west', {
      istiods: [
        istiodState('west', 'east', {
          endpoints: new Map([
            ['west', new Set([helloHost, 'b.sample.svc.cluster.local'])],
            ['east', new Set([helloHost])],
          ]),
        }),
      ],
    })
    expect(foundBy(verifyChecks, [observed('east'), west])).toEqual([
      'east endpoints-known warning: istiod-east has endpoints in west for 1 of 2 services; missing: b.sample.svc.cluster.local',
    ])
  })

  test('hosts outside mesh namespaces are not compared', () => {
    const endpoints = new Map([['west', new Set([helloHost, 'b.outside.svc.cluster.local'])]])
    const west = observed('west', {istiods: [istiodState('west', 'east', {endpoints})]})
    expect(foundBy(verifyChecks, [observed('east'), west]).filter(text => text.startsWith('east'))).toEqual([])
  })
})

test('a cluster that is not reachable', () => {
  const gone = observed('east', {unreachable: {message: 'connect ECONNREFUSED'}, istiods: []})
  expect(foundBy(verifyChecks, [gone, observed('west')])).toContain('east api-server error: connect ECONNREFUSED')
})

test('the hint of a pod opens its debug port', () => {
  const broken = observed('east', {istiods: [{pod: 'a', error: 'no'}]})
  expect(debugPages.run(subjectOf([broken]))).toEqual([
    {cluster: 'east', message: 'a: no', hints: ['kubectl --context east -n istio-system port-forward a 8080']},
  ])
})
