import {expect, test} from 'vitest'
import {argocdObjects} from '../../../../src/features/files/render/objects-argocd.ts'
import {dumpYaml} from '../../../../src/text/yaml.ts'
import {expectGolden} from '../../../support/golden.ts'
import {choiceOf} from './samples.ts'

const choice = choiceOf({engine: 'argocd', engineNamespace: 'argocd', repoUrl: 'https://git.example.com/fleet.git'})

test('the cluster generator selects the clusters by name; that of Argo CD itself is listed', async () => {
  const objects = argocdObjects(['east', 'hub', 'west'], 'fleet', {...choice, engineCluster: 'hub'})
  await expectGolden('render-engines/argocd.yaml', objects.map(({object}) => dumpYaml(object)).join(''))
})

test('no generator without clusters: an empty list of values is invalid', () => {
  const generatorsOf = (clusters: string[], engineCluster?: string) =>
    (argocdObjects(clusters, '', {...choice, engineCluster})[0]!.object.spec as {generators: object[]}).generators
  expect(generatorsOf(['hub'], 'hub')).toEqual([{list: {elements: [expect.objectContaining({name: 'hub'})]}}])
  expect(generatorsOf(['east'])).toHaveLength(1)
})
