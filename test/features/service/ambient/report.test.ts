import {expect, test} from 'vitest'
import type {Outcome} from '../../../../src/engine/plan/apply.ts'
import {planSharing} from '../../../../src/features/service/ambient/plan.ts'
import {formatSharingReport, stillShared, stubTexts} from '../../../../src/features/service/ambient/report.ts'
import {hello, request, sharedMeta, sharing} from './samples.ts'

const ref = {apiVersion: 'v1', kind: 'Service', namespace: 'demo', name: 'hello'}
const outcome = (cluster: string, result: Outcome['result']) => ({cluster, result, step: {ref}}) as unknown as Outcome
const withdraw = {selected: () => new Map()}

test('one row for each Service and cluster', () => {
  const {clusters} = planSharing(request([sharing('east', [hello()])], [sharing('west', [])]))
  const outcomes = [outcome('west', 'ok')]
  expect(formatSharingReport(clusters, outcomes, undefined)).toBe(
    '\nSERVICE      CLUSTER   SHARED WITH   RESULT\ndemo/hello   east      west          unchanged\ndemo/hello   west      east          ok\n',
  )
  expect(JSON.parse(formatSharingReport(clusters, [outcome('east', 'failed')], 'json')).services[0]).toEqual({
    service: 'demo/hello',
    cluster: 'east',
    sharedWith: ['west'],
    result: 'failed',
  })
  expect(formatSharingReport(clusters, outcomes, 'yaml')).toContain('result: ok')
  expect(stubTexts(clusters)).toEqual([
    'west: this run creates Service demo/hello, without pods: clients here need its name and address',
  ])
})

test('a Service that no cluster shares any more is removed', () => {
  const shared = sharing('east', [hello(sharedMeta({with: ['west']}))])
  const {clusters} = planSharing(request([shared], [], {...withdraw, isWithdrawn: () => true}))
  expect(formatSharingReport(clusters, [outcome('east', 'ok')], undefined)).toMatch(/demo\/hello +east +- +removed/)
})

test('clusters that still share a Service, because of a third cluster', () => {
  const east = sharing('east', [hello(sharedMeta({with: ['west', 'south']}))])
  const [exporters, importers] = [new Set(['east']), new Set(['west'])]
  const isWithdrawn = ({peer}: {peer: string}) => peer !== 'south'
  const after = (peers: string[]) => {
    const west = sharing('west', [hello(sharedMeta({with: peers}))])
    return planSharing(request([east], [west], {...withdraw, isWithdrawn})).clusters
  }
  expect(stillShared(after(['east']), exporters, importers)).toEqual([])
  expect(stillShared(after(['east', 'south']), exporters, importers)).toMatchObject([
    {message: expect.stringMatching(/^Service demo\/hello: east and west still use each other's pods/)},
  ])
})
