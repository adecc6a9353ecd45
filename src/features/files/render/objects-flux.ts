import {waves} from '../../../engine/kubernetes/waves.ts'
import type {PlannedObject} from '../../../terminal/output/objects.ts'
import {engineNameOf, objectNameOf, waveNameOf} from './objects-names.ts'
import type {RenderChoice} from './spec.ts'

/** A folder that one Kustomization applies. */
export interface WaveFolder {
  cluster: string
  wave: number
  gitPath: string
  /** Whether it contains files of sops. */
  isSealed: boolean
}

/** Every applied object has a label with the name of its Kustomization (kustomize-controller 1.9), so it is at most 63 long. */
const maxNameLength = 63
const longestWave = Math.max(...Object.values(waves).map(wave => waveNameOf(wave).length))
const maxClusterLength = maxNameLength - '-'.length - longestWave

/** Returns the name of the Secret with the kubeconfig of a cluster. Cluster API creates Secrets with the same name and key. */
export function kubeconfigSecretOf(cluster: string): string {
  return `${objectNameOf(cluster, 200)}-kubeconfig`
}

/**
 * Returns one Kustomization for each folder (Flux, kustomize.toolkit.fluxcd.io/v1). Within a cluster, each starts when the objects of
 * the previous wave are ready.
 *
 * @param folders of each cluster in the order of their waves
 * @param gitPath path of the rendered folder in the repository
 */
export function fluxObjects(folders: readonly WaveFolder[], gitPath: string, choice: RenderChoice): PlannedObject[] {
  const nameOf = ({cluster, wave}: WaveFolder) =>
    `${engineNameOf(gitPath, cluster, maxClusterLength)}-${waveNameOf(wave)}`
  return folders.map((folder, at) => {
    const before = folders[at - 1]
    const kubeConfig =
      folder.cluster === choice.engineCluster
        ? {}
        : {kubeConfig: {secretRef: {name: kubeconfigSecretOf(folder.cluster)}}}
    return {
      wave: folder.wave,
      object: {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: {name: nameOf(folder), namespace: choice.engineNamespace},
        spec: {
          ...decryptionOf(folder, choice),
          ...(before?.cluster === folder.cluster ? {dependsOn: [{name: nameOf(before)}]} : {}),
          interval: '10m',
          ...kubeConfig,
          path: `./${folder.gitPath}`,
          prune: true,
          retryInterval: '1m',
          sourceRef: {kind: 'GitRepository', name: choice.gitRepository},
          timeout: '5m',
          wait: true,
        },
      },
    }
  })
}

function decryptionOf({isSealed}: WaveFolder, {secrets}: RenderChoice): object {
  if (!isSealed) return {}
  const name = secrets.mode === 'sops' ? secrets.decryptionSecret : undefined
  return {decryption: {provider: 'sops', ...(name === undefined ? {} : {secretRef: {name}})}}
}
