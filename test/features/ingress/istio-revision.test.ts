import {expect, test} from 'vitest'
import {resolveRevision} from '../../../src/features/ingress/istio-revision.ts'
import {object} from './samples.ts'

const tagged = (tag: string, revision: string) =>
  object('MutatingWebhookConfiguration', tag, {}, {labels: {'istio.io/tag': tag, 'istio.io/rev': revision}})

test.each<[string | undefined, ReturnType<typeof tagged>[], string | undefined]>([
  [undefined, [], undefined],
  ['default', [], undefined],
  ['1-30', [], '1-30'],
  ['stable', [tagged('stable', '1-30')], '1-30'],
  [undefined, [tagged('default', '1-30')], '1-30'],
  ['stable', [tagged('stable', 'default')], undefined],
])('%s resolves', (requested, injectors, expected) => {
  expect(resolveRevision(requested, injectors)).toBe(expected)
})
