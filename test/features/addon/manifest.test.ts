import {expect, test} from 'vitest'
import {manifestProblem} from '../../../src/features/addon/manifest.ts'
import {kialiManifest, objectsOf} from './samples.ts'

const map = (name: string, namespace?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name, ...(namespace ? {namespace} : {})},
})

test.each<[unknown[], RegExp | undefined]>([
  [objectsOf(kialiManifest), undefined],
  [[], /contains no objects/],
  [['text'], /not a Kubernetes object/],
  [
    [{apiVersion: 'kiali.io/v1alpha1', kind: 'Kiali', metadata: {name: 'kiali'}}],
    /does not support; apply it with kubectl/,
  ],
  [[{apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'a'}}], /does not support/],
  [[map('a'), map('a')], /contains configmap\/a twice/],
  [[map('a', 'x'), map('b', 'y')], /several namespaces: x, y/],
])('%#', (documents, expected) => {
  const problem = manifestProblem(documents)
  if (expected === undefined) expect(problem).toBeUndefined()
  else expect(problem).toMatch(expected)
})
