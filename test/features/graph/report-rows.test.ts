import {expect, test} from 'vitest'
import {everyRowOf, rowsOf, withCheck} from '../../../src/features/graph/report-rows.ts'
import {graph} from './samples.ts'

const [east] = graph().clusters
const vms = Array.from({length: 9}, (_, at) => ({
  ...{name: `vm-${at}`, namespace: 'vm', address: null, health: at === 7 ? 'unhealthy' : 'unknown', connected: null},
}))

test('at most six rows of a kind, the last with the worst state of those left out', () => {
  const rows = rowsOf({...east!, vms}).filter(({kind}) => kind === 'vm')
  expect(rows.map(({value}) => value)).toEqual(['vm/vm-0', 'vm/vm-1', 'vm/vm-2', 'vm/vm-3', 'vm/vm-4', 'and 4 more'])
  expect(rows.at(-1)?.state).toBe('warning')
})

test('without a limit, every row', () => {
  expect(everyRowOf({...east!, vms}).filter(({kind}) => kind === 'vm')).toHaveLength(9)
})

test('the rows of a cluster, without unknown localities', () => {
  expect(rowsOf(east!).map(({label, value, state}) => `${label}: ${value} ${state}`)).toEqual([
    'CA: root 3a:91:…:aa, 364d left ok',
    'gateway: 203.0.113.11 ok',
    'tenant: group-1 1.30.4, 0/1 ready, 2 namespaces warning',
    'VM: vm/web, 10.0.0.3, healthy ok',
    'VM: vm/web, 10.0.0.4, disconnected warning',
    'locality: eu/eu-1a, 3 nodes, 12 endpoints ok',
  ])
})

test('a different root, an expired CA, and a gateway without an address are named', () => {
  const ca = {root: 'ab', sameRoot: false, expires: null, daysLeft: -2, state: 'broken' as const}
  const gateways = [{name: 'g', namespace: 'n', addresses: []}]
  expect(rowsOf({...east!, ca, gateways}).slice(0, 2)).toMatchObject([
    {value: 'root ab, different root, expired', state: 'broken'},
    {value: 'no address', state: 'broken'},
  ])
})

test('the check ID is part of a problem', () => {
  const problems = [{state: 'broken' as const, check: 'c', message: 'm'}]
  expect(rowsOf({...east!, problems}).at(-1)).toMatchObject({label: 'error', value: 'c: m'})
  expect([withCheck('m', 'c'), withCheck('m', null)]).toEqual(['m (c)', 'm'])
})
