import {expect, test} from 'vitest'
import {ambiguousClusters, isPending, mergePlans, writeOf, writesOf} from '../../../src/features/files/report-plans.ts'
import {documentFor, documentOf, kindOf, planned, planOf, stepOf} from './samples.ts'

const federation = documentFor(kindOf('Federation'), 'f', ['prod-east', 'prod-west'])
const tenant = (name: string, context: string) => documentOf(kindOf('Tenant'), name, context)
const shown = (plans: ReturnType<typeof mergePlans>) =>
  plans.map(({cluster, steps}) => [cluster, ...steps.map(({ref, verdict}) => `${ref.name} ${verdict}`)])

test('the steps of one cluster are together, in the order of the documents; a shared object is created once', () =>
  expect(
    shown(
      mergePlans([
        planned(federation, [planOf('east', stepOf('ns', 'create')), planOf('west', stepOf('a', 'update'))]),
        planned(tenant('t', 'prod-east'), [planOf('prod-east', stepOf('ns', 'create'), stepOf('b', 'create'))]),
      ]),
    ),
  ).toEqual([
    ['east', 'ns create', 'b create'],
    ['west', 'a update'],
  ]))

test('two clusters whose contexts give the same name have their contexts as names', () =>
  expect(
    mergePlans([
      planned(tenant('t', 'gke_p_eu_shop'), [planOf('shop', stepOf('a', 'create'))]),
      planned(tenant('u', 'gke_p_us_shop'), [planOf('shop', stepOf('a', 'create'))]),
    ]).map(({cluster}) => cluster),
  ).toEqual(['gke_p_eu_shop', 'gke_p_us_shop']))

test('a name of a federation that is another context cannot be distinguished', () => {
  const rack = planned(federation, [planOf('east'), planOf('rack')])
  const nodes = planned(documentOf(kindOf('NodeLocalities'), 'n', 'rack'), [planOf('rack')])
  expect([...ambiguousClusters([rack, nodes])]).toEqual([['rack', ['prod-west', 'rack']]])
  expect([...ambiguousClusters([rack, planned(tenant('t', 'prod-west'), [planOf('rack')])])]).toEqual([])
  const [eu, us] = ['gke_p_eu_shop', 'gke_p_us_shop'].map(context => planned(tenant('t', context), [planOf('shop')]))
  expect([...ambiguousClusters([eu!, us!])]).toEqual([])
})

test('a list of members that a killed run has left incomplete is completed', () => {
  const unchanged = stepOf('a', 'unchanged')
  expect(
    [unchanged, {...unchanged, adopts: true as const}, stepOf('a', 'update')].map(step =>
      isPending(planned(tenant('t', 'east'), [planOf('east', step)])),
    ),
  ).toEqual([false, true, true])
})

test('writes are objects of a cluster; a removal is another write than a change', () => {
  const plan = planOf('east', stepOf('a', 'create'), stepOf('b', 'unchanged'), stepOf('c', 'remove'))
  const writes = writesOf([planned(tenant('t', 'east'), [plan])])
  expect(writes.size).toBe(2)
  const allowed = (verdict: 'update' | 'remove', name: string) =>
    writeOf(plan, stepOf(name, verdict)).every(write => writes.has(write))
  expect([allowed('update', 'a'), allowed('remove', 'a'), allowed('remove', 'c'), allowed('update', 'b')]).toEqual([
    true,
    false,
    true,
    false,
  ])
})
