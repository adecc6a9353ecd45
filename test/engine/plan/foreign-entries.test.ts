import {describe, expect, test} from 'vitest'
import {partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {patchToForeignEntries, withForeignEntries} from '../../../src/engine/plan/foreign-entries.ts'

const me = 'kubectl-mesh'

/** A webhook configuration with one entry per name, and the managers of each. */
function webhooks(owners: Record<string, string[]>, kind = 'MutatingWebhookConfiguration'): KubernetesObject {
  const managers = [...new Set(Object.values(owners).flat())]
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: {
      name: 'injector',
      resourceVersion: '7',
      labels: {[partOfLabel]: 'x', app: 'injector'},
      managedFields: managers.map(manager => ({
        manager,
        operation: 'Update' as const,
        fieldsV1: {
          'f:webhooks': Object.fromEntries(
            Object.keys(owners)
              .filter(name => owners[name]!.includes(manager))
              .map(name => [`k:{"name":${JSON.stringify(name)}}`, {'f:clientConfig': {}}]),
          ),
        },
      })),
    },
    webhooks: Object.keys(owners).map(name => ({name})),
  }
}

describe('withForeignEntries', () => {
  test('keeps entries of other managers, without our label', () => {
    const rest = withForeignEntries(webhooks({a: [me, 'pilot-discovery'], b: ['kubectl-edit']}), me)
    expect(rest?.webhooks).toEqual([{name: 'b'}])
    expect(rest?.metadata.labels).toEqual({app: 'injector'})
    expect(patchToForeignEntries(rest!)).toEqual({
      metadata: {resourceVersion: '7', labels: {[partOfLabel]: null}},
      webhooks: [{name: 'b'}],
    })
  })

  test.each<[string, KubernetesObject]>([
    ['only our entries', webhooks({a: [me], b: [me, 'pilot-discovery']})],
    ['an entry without managers', webhooks({a: [me], b: []})],
    ['another kind', webhooks({a: [me], b: ['kubectl-edit']}, 'ConfigMap')],
    ['no list', {...webhooks({a: [me]}), webhooks: 'x'}],
  ])('nothing for %s', (_, object) => expect(withForeignEntries(object, me)).toBeUndefined())
})
