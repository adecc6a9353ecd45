import {expect, test} from 'vitest'
import type {ClusterPlan} from '../../../src/engine/plan/plan.ts'
import {formatReview} from '../../../src/run/review/format.ts'
import {widthOf} from '../../../src/text/width.ts'
import {configMap, creates, removes, secret, updates} from '../../terminal/output/steps.ts'

const many = Array.from({length: 12}, (_, at) => creates(configMap(`c${at}`, {})))
const cacerts = creates(secret('cacerts', {}))
const plan = (cluster: string, steps: ClusterPlan['steps']): ClusterPlan => ({cluster, steps})
const review = (columns: number, ...plans: ClusterPlan[]) =>
  formatReview(plans, {columns, manager: 'kubectl-mesh'}).map(({text}) => text)

test('counts are in columns, then what the changes are about, then risks', () => {
  expect(
    review(100, plan('east', [...many, cacerts]), plan('north-west', [removes(configMap('c', {}))]), plan('w', [])),
  ).toEqual([
    'east        + 13 create  ~ 0 change  - 0 remove   CA',
    'north-west  +  0 create  ~ 0 change  - 1 remove   ConfigMap',
    'w           unchanged',
    '',
    '! east: istiod starts to use the new CA only after a restart',
  ])
})

test('clusters share a risk', () => {
  const lines = review(100, plan('east', [cacerts]), plan('west', [cacerts]))
  expect(lines.slice(-1)).toEqual(['! east, west: istiod starts to use the new CA only after a restart'])
})

test('on 60 columns every line fits', () => {
  const kinds = ['ServiceEntry', 'DestinationRule', 'VirtualService'].map(kind =>
    creates({...configMap('x', {}), kind}),
  )
  const lines = review(
    60,
    plan('gke-acme-euw1', [...kinds, updates(secret('x', {'tls.crt': 'a'}), secret('x', {'tls.crt': 'b'}))]),
  )
  expect(lines).toEqual([
    'gke-acme-euw1  + 3 create  ~ 1 change  - 0 remove',
    '               ServiceEntry, DestinationRule, VirtualService',
    '               and 1 more',
    '',
    '! gke-acme-euw1: the certificate in Secret istio-system/x is',
    '  replaced',
  ])
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60)
})

test('a long name has a line for itself, and wide characters count twice', () => {
  const long = 'arn:aws:eks:eu-central-1:123456789012:cluster/shop'
  expect(review(100, plan(long, [cacerts]), plan('東京', [cacerts]), plan('east', [cacerts])).slice(0, 4)).toEqual([
    long,
    '      + 1 create  ~ 0 change  - 0 remove   CA',
    '東京  + 1 create  ~ 0 change  - 0 remove   CA',
    'east  + 1 create  ~ 0 change  - 0 remove   CA',
  ])
})

test('a name cannot forge a line', () =>
  expect(review(100, plan('a\nb', [cacerts]))[0]).toBe('a\\nb  + 1 create  ~ 0 change  - 0 remove   CA'))

test('risks that the plans do not show are printed too', () =>
  expect(
    formatReview([plan('east', [cacerts])], {
      ...{columns: 100, manager: 'kubectl-mesh'},
      risks: [{cluster: 'east', text: '1 pod keeps its control plane until it is restarted'}],
    }).map(({text}) => text),
  ).toContain('! east: 1 pod keeps its control plane until it is restarted'))
