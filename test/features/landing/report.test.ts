import {expect, test} from 'vitest'
import type {ClusterState} from '../../../src/features/landing/read.ts'
import {formatContexts} from '../../../src/features/landing/report.ts'
import type {ReadContext} from '../../../src/mesh/contexts/read.ts'

const kubeconfig = {contexts: new Map()}

function row(context: string, state: Partial<ClusterState> | string, others: string[] = []): ReadContext<ClusterState> {
  const info = {context, file: '/k', cluster: context, server: 'https://x', namespace: 'default', user: ''}
  if (typeof state === 'string') return {info, others, state: undefined, problem: state}
  const full = {uid: context, versions: [], primary: undefined, meshId: undefined, members: [], ...state}
  return {info, others, state: full, problem: undefined}
}

const textOf = (rows: ReadContext<ClusterState>[], columns = 100) =>
  formatContexts(rows, kubeconfig, columns).map(({text}) => text)

test('one row per cluster, with a dash for what it does not have', () => {
  const all = [
    row('east', {versions: ['1.31.0', '1.30.2'], meshId: 'm', members: ['east', 'west']}, ['admin@east']),
    row('remote', {primary: 'east', members: ['east', 'remote']}),
    row('stage', {}),
    row('locked', {versions: ['1.31.0'], members: undefined}),
  ]
  expect(textOf(all)).toEqual([
    'CONTEXT            ISTIO            MESH   CLUSTERS IN IT',
    'east, admin@east   1.31.0, 1.30.2   m      east, west',
    'remote             of east          -      east, remote',
    'stage              -                -      -',
    'locked             1.31.0           -      not permitted to read',
  ])
})

test('a reason wraps, and no line is wider than the terminal', () => {
  const all = [
    row('a-context-with-a-name-that-is-longer-than-its-column', {versions: ['1.31.0']}),
    row('lab', 'not reachable: connect ETIMEDOUT 10.0.0.1:6443'),
  ]
  const lines = textOf(all, 50)
  expect(lines.slice(1)).toEqual([
    'a-context-with-a-name-th…   1.31.0   -      -',
    'lab                         not reachable: connect',
    '                            ETIMEDOUT',
    '                            10.0.0.1:6443',
  ])
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(50)
})

test('an empty kubeconfig', () => {
  expect(textOf([])).toEqual(['No contexts found. Set --kubeconfig or the environment variable KUBECONFIG.'])
})
