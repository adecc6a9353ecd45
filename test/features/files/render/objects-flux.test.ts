import {expect, test} from 'vitest'
import {fluxObjects, kubeconfigSecretOf} from '../../../../src/features/files/render/objects-flux.ts'
import {dumpYaml} from '../../../../src/text/yaml.ts'
import {expectGolden} from '../../../support/golden.ts'
import {choiceOf} from './samples.ts'

const foldersOf = (cluster: string, ...waves: number[]) =>
  waves.map(wave => ({cluster, wave, gitPath: `fleet/clusters/${cluster}/${wave}`, isSealed: false}))

test('one Kustomization per cluster and wave; each waits for the previous one of its cluster', async () => {
  const objects = fluxObjects(
    [...foldersOf('hub', 10, 40), ...foldersOf('west', 10)],
    'fleet',
    choiceOf({engineCluster: 'hub'}),
  )
  await expectGolden('render-engines/flux.yaml', objects.map(({object}) => `---\n${dumpYaml(object)}`).join(''))
})

test('names fit into a label, and are different for clusters with a long common beginning', () => {
  const clusters = ['a', 'b'].map(end => `arn:aws:eks:eu-central-1:111122223333:cluster/${'x'.repeat(200)}${end}`)
  const names = clusters.flatMap(cluster =>
    fluxObjects(foldersOf(cluster, 10, 80), 'fleet', choiceOf()).map(({object}) => object.metadata.name),
  )
  expect(new Set(names).size).toBe(4)
  for (const name of names) expect(name).toMatch(/^[a-z0-9][-a-z0-9.]{0,61}[a-z0-9]$/)
})

test('the Secret with the kubeconfig has the name that Cluster API gives it', () => {
  expect(kubeconfigSecretOf('west')).toBe('west-kubeconfig')
  expect(kubeconfigSecretOf('West_1')).toMatch(/^west-1-[0-9a-f]{8}-kubeconfig$/)
})

test('only a folder with files of sops is decrypted, with the keys of a Secret if they are needed', () => {
  const [open, sealed] = foldersOf('west', 10, 70)
  const decryptionsOf = (decryptionSecret: string | undefined) =>
    fluxObjects(
      [open!, {...sealed!, isSealed: true}],
      'fleet',
      choiceOf({secrets: {mode: 'sops', decryptionSecret}}),
    ).map(({object}) => (object.spec as {decryption?: object}).decryption)
  expect(decryptionsOf(undefined)).toEqual([undefined, {provider: 'sops'}])
  expect(decryptionsOf('sops-age')).toEqual([undefined, {provider: 'sops', secretRef: {name: 'sops-age'}}])
})
