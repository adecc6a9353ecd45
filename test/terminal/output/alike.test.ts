import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {formatDiff} from '../../../src/terminal/output/diff.ts'
import {renderLines} from '../../../src/terminal/output/styled.ts'

const mask = (text: string) => text

/** The step that adds labels to a node. */
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

const diff = async (steps: Step[]) => renderLines(await formatDiff({cluster: 'east', steps}, {mask}), false)

describe('groupSimilar', () => {
  const steps = Array.from({length: 1000}, (_, at) =>
    labelled(`w-${String(at + 1).padStart(4, '0')}`, {zone: at < 600 ? 'sz-1' : 'bj-1'}),
  )

  test('a thousand nodes are one part per change', async () => {
    const text = await diff(steps)
    expect(text.split('\n').length).toBeLessThan(30)
    expect(text).toContain('# east: 1000 to change')
    expect(text).toContain('+++ merged/east/v1/Node/w-0001   (and 599 more with the same change)')
    expect(text).toContain('# same change: w-0002 … w-0600')
    expect(text).toContain('# same change: w-0602 … w-1000')
    expect(text.match(/^\+ .*zone: /gm)).toHaveLength(2)
  })

  test('a few nodes are separate parts', async () => {
    const text = await diff(steps.slice(0, 3))
    expect(text.match(/^\+ .*zone: /gm)).toHaveLength(3)
    expect(text).not.toContain('same change')
  })

  test('a node with another change is a separate part', async () => {
    const odd = labelled('w-0003', {zone: 'sz-1', extra: 'x'})
    const text = await diff([...steps.slice(0, 2), odd, ...steps.slice(3, 6)])
    expect(text).toContain('merged/east/v1/Node/w-0003\n')
    expect(text).toContain('# same change: w-0002, w-0004 … w-0006')
  })
})
