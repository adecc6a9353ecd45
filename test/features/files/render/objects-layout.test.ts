import {describe, expect, test} from 'vitest'
import {layoutOf} from '../../../../src/features/files/render/objects-layout.ts'
import {secret} from '../../../terminal/output/steps.ts'
import {choiceOf, renderedOf} from './samples.ts'

const argocd = choiceOf({engine: 'argocd', engineNamespace: 'argocd', repoUrl: 'https://git.example.com/fleet.git'})
const clusters = [renderedOf('east'), renderedOf('../west'), {cluster: 'empty', objects: [], leftOut: []}]
const folders = (parts: ReturnType<typeof layoutOf>) => parts.map(({path}) => path.join('/'))
const annotations = (parts: ReturnType<typeof layoutOf>) =>
  parts.slice(0, -1).flatMap(({objects}) => objects.map(({object}) => object.metadata.annotations))

describe('folders', () => {
  test('kustomize: one per cluster that has objects', () => {
    const parts = layoutOf(clusters, choiceOf({engine: 'kustomize'}), '')
    expect(folders(parts)).toEqual(['clusters/east', 'clusters/%2E.%2Fwest'])
    expect(parts[0]!.objects.map(({object}) => object)).toEqual(clusters[0]!.objects.map(({object}) => object))
  })

  test('flux: one per cluster and wave, and the Kustomizations', () => {
    const parts = layoutOf(clusters.slice(1), choiceOf(), 'fleet')
    expect(folders(parts)).toEqual([
      'clusters/%2E.%2Fwest/10-namespaces',
      'clusters/%2E.%2Fwest/30-control-plane',
      'clusters/%2E.%2Fwest/40-gateways',
      'flux',
    ])
    expect(parts.at(-1)!.objects[1]!.object.spec).toMatchObject({
      path: './fleet/clusters/%2E.%2Fwest/30-control-plane',
    })
  })

  test('argocd: one per cluster, and the ApplicationSet that selects these clusters', () => {
    const parts = layoutOf([renderedOf('west'), renderedOf('east')], argocd, '')
    expect(folders(parts)).toEqual(['clusters/west', 'clusters/east', 'argocd'])
    expect(JSON.stringify(parts.at(-1))).toContain('"values":["east","west"]')
    expect(JSON.stringify(parts.at(-1))).toContain('"path":"clusters/{{.name}}"')
  })

  test('the order in a list depends on waves and names only, and each file names its origin', () => {
    const [east] = [renderedOf('east')]
    const [parts] = layoutOf([{...east!, objects: east!.objects.toReversed()}], choiceOf({engine: 'kustomize'}), '')
    expect(parts!.objects.map(({wave}) => wave)).toEqual([10, 30, 40])
    expect(parts!.objects[2]!.comment).toBe(
      'kubectl mesh render: {"cluster":"east","wave":40,"documents":["Federation prod"]}',
    )
  })
})

describe('annotations', () => {
  test('Flux never removes what is shared, and keeps the fields of others there', () => {
    expect(annotations(layoutOf([renderedOf('east')], choiceOf(), ''))).toEqual([
      {'kustomize.toolkit.fluxcd.io/prune': 'disabled', 'kustomize.toolkit.fluxcd.io/ssa': 'Merge'},
      {'kustomize.toolkit.fluxcd.io/prune': 'disabled'},
      {own: 'yes'},
    ])
  })

  test('Argo CD applies in the order of the waves', () => {
    const kept = {'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false'}
    expect(annotations(layoutOf([renderedOf('east')], argocd, ''))).toEqual([
      {...kept, 'argocd.argoproj.io/sync-wave': '10'},
      {...kept, 'argocd.argoproj.io/sync-wave': '30'},
      {'argocd.argoproj.io/sync-wave': '40', own: 'yes'},
    ])
  })
})

test('an object of an earlier render loses the annotations of another engine', () => {
  const [part] = layoutOf([renderedOf('east')], argocd, '')
  const objects = part!.objects.map(one => ({...one, documents: ['Federation prod']}))
  const [again] = layoutOf([{cluster: 'east', objects, leftOut: []}], choiceOf({engine: 'kustomize'}), '')
  expect(again!.objects.map(({object}) => object.metadata.annotations)).toEqual([undefined, undefined, {own: 'yes'}])
})

describe('refused', () => {
  const messageOf = (run: () => unknown) => {
    try {
      return run()
    } catch (error) {
      return (error as {problems: {message: string}[]}).problems.map(({message}) => message)
    }
  }

  test('a cluster of the engine that the plan lacks', () => {
    expect(messageOf(() => layoutOf([renderedOf('east')], choiceOf({engineCluster: 'hub'}), ''))).toEqual([
      '--engine-cluster hub: the plan has no such cluster',
    ])
  })

  test('names and paths that are no paths of Argo CD', () => {
    expect(messageOf(() => layoutOf(clusters, argocd, '{{.name}}'))).toEqual([
      'cluster ../west: its folder has another name, so Argo CD cannot find it by the name of the cluster',
      'the path {{.name}} contains {{, which begins a template of Argo CD',
    ])
  })
})

test('an encrypted file of an earlier render stays as it is, and Flux decrypts its step', () => {
  const sealed = {wave: 70, object: secret('a', {k: 'ENC[]'}), documents: ['Federation prod'], text: 'sealed'}
  const parts = layoutOf(
    [{cluster: 'east', objects: [sealed], leftOut: []}],
    choiceOf({secrets: {mode: 'sops', decryptionSecret: undefined}}),
    '',
  )
  expect(parts[0]!.objects).toEqual([{...sealed, comment: expect.stringContaining('"east"')}])
  expect(parts[1]!.objects[0]!.object.spec).toMatchObject({decryption: {provider: 'sops'}})
})
