import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {formatBar} from '../../../src/features/locality/report-bar.ts'
import {formatDiff} from '../../../src/terminal/output/diff.ts'
import {namesInShort, rangesOf} from '../../../src/text/short-names.ts'

const mask = (text: string) => text

/** A node that gets labels. */
function labelled(name: string, labels: Record<string, string>): Step {
  const live: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {name, labels: {'kubernetes.io/hostname': name}, resourceVersion: name},
  }
  const merged = {
    ...live,
    metadata: {...live.metadata, labels: {...live.metadata.labels, ...labels}, resourceVersion: '9'},
  }
  const target = {apiVersion: 'v1', kind: 'Node', name}
  return {
    change: {action: 'edit', cluster: 'east', wave: 10, target, edits: []},
    ref: target,
    verdict: 'update',
    live,
    merged,
  }
}

describe('a thousand nodes', () => {
  const steps = Array.from({length: 1000}, (_, at) =>
    labelled(`w-${String(at + 1).padStart(4, '0')}`, {zone: at < 600 ? 'sz-1' : 'bj-1'}),
  )

  test('stay readable: one part for each way they change', async () => {
    const text = await formatDiff({cluster: 'east', steps}, {mask, color: false})
    expect(text.split('\n').length).toBeLessThan(30)
    expect(text).toContain('# east: 1000 to change')
    expect(text).toContain('+++ merged/east/v1/Node/w-0001   (and 599 more alike)')
    expect(text).toContain('# alike: w-0002 … w-0600')
    expect(text).toContain('# alike: w-0602 … w-1000')
    expect(text.match(/^\+ .*zone: /gm)).toHaveLength(2)
  })

  test('a few are shown one by one', async () => {
    const text = await formatDiff({cluster: 'east', steps: steps.slice(0, 3)}, {mask, color: false})
    expect(text.match(/^\+ .*zone: /gm)).toHaveLength(3)
    expect(text).not.toContain('alike')
  })

  test('one that differs in anything stands alone', async () => {
    const odd = labelled('w-0003', {zone: 'sz-1', extra: 'x'})
    const text = await formatDiff(
      {cluster: 'east', steps: [...steps.slice(0, 2), odd, ...steps.slice(3, 6)]},
      {mask, color: false},
    )
    expect(text).toContain('merged/east/v1/Node/w-0003\n')
    expect(text).toContain('# alike: w-0002, w-0004 … w-0006')
  })
})

test.each([
  [['a'], 'a'],
  [['w-9', 'w-10', 'w-11', 'w-2'], 'w-2, w-9 … w-11'],
  [['w-1', 'w-2'], 'w-1, w-2'],
  [['w-09', 'w-10', 'w-11'], 'w-09 … w-11'],
  [['a1.x', 'a2.x', 'a3.x', 'a3.y'], 'a1.x … a3.x, a3.y'],
  [
    ['w-99999999999999999999', 'w-100000000000000000000', 'w-100000000000000000001'],
    'w-99999999999999999999 … w-100000000000000000001',
  ],
])('%j as a range: %s', (names, text) => {
  expect(rangesOf(names)).toBe(text)
})

test('many names in a message are cut, and counted', () => {
  expect(namesInShort(['a', 'c', 'e', 'g', 'i', 'k', 'm', 'o'])).toBe('a, c, e, g, i, k and 2 more')
})

test('a bar shows a share, and something as more than nothing', () => {
  expect([formatBar(0, 5), formatBar(5, 5, 4), formatBar(2, 4, 4), formatBar(1, 1000, 4)]).toEqual([
    '',
    '████',
    '██',
    '▏',
  ])
})
