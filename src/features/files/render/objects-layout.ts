import {exitCodes, MeshError, usageError} from '../../../errors.ts'
import type {FolderPart} from '../../../terminal/output/files.ts'
import type {PlannedObject} from '../../../terminal/output/objects.ts'
import {isSecret} from '../../../terminal/output/redact.ts'
import {fileNameOf} from '../../../text/file-name.ts'
import {inKeyOrder} from '../../../text/yaml.ts'
import type {RenderedCluster, RenderedObject} from './objects.ts'
import {argocdObjects} from './objects-argocd.ts'
import {originComment} from './objects-earlier.ts'
import {fluxObjects} from './objects-flux.ts'
import {waveNameOf} from './objects-names.ts'
import type {Engine, RenderChoice} from './spec.ts'

/** Folder of the folders of clusters, so that no cluster has the name of the folder of an engine. */
export const clustersFolder = 'clusters'

/** Folders with the objects of the engines. */
export const engineFolders = ['flux', 'argocd'] as const

/** Kinds whose removal would remove much more than the mesh created. */
const keptKinds: readonly string[] = ['Namespace', 'CustomResourceDefinition']

const fluxPrune = 'kustomize.toolkit.fluxcd.io/prune'
const fluxApply = 'kustomize.toolkit.fluxcd.io/ssa'
const argocdWave = 'argocd.argoproj.io/sync-wave'
const argocdOptions = 'argocd.argoproj.io/sync-options'
const engineAnnotations: readonly string[] = [fluxPrune, fluxApply, argocdWave, argocdOptions]

/**
 * Returns the folders to write: those of the clusters, and the one with the objects of the engine.
 *
 * @param gitPath path of the folder in the repository, without slashes around it; '' for its root
 * @throws MeshError (exit 2) for a cluster that does not exist, or whose name Argo CD cannot use
 */
export function layoutOf(rendered: readonly RenderedCluster[], choice: RenderChoice, gitPath: string): FolderPart[] {
  const {engine} = choice
  const clusters = rendered.filter(({objects}) => objects.length > 0)
  requireCluster(rendered, choice)
  const inGit = (...path: string[]) => [...(gitPath === '' ? [] : [gitPath]), ...path].join('/')
  const folders = clusters.map(({cluster, objects}) => ({
    cluster,
    path: [clustersFolder, fileNameOf(cluster)],
    objects: objectsFor(engine, {cluster, objects}),
  }))
  if (engine === 'kustomize') return folders
  if (engine === 'argocd') {
    const names = folders.map(({cluster}) => cluster).sort()
    requirePlainNames(names, gitPath)
    return [...folders, {path: ['argocd'], objects: argocdObjects(names, gitPath, choice)}]
  }
  const parts = folders.flatMap(({cluster, path, objects}) =>
    [...Map.groupBy(objects, ({wave}) => wave)]
      .sort(([first], [second]) => first - second)
      .map(([wave, own]) => ({cluster, wave, path: [...path, waveNameOf(wave)], objects: own})),
  )
  const kustomizations = fluxObjects(
    parts.map(({cluster, wave, path, objects}) => ({
      ...{cluster, wave, gitPath: inGit(...path)},
      isSealed: objects.some(({object}) => isSecret(object)),
    })),
    gitPath,
    choice,
  )
  return [...parts, {path: ['flux'], objects: kustomizations}]
}

/** Returns the objects of a cluster in the order in which they are applied, with the annotations that the engine needs. */
export function objectsFor(
  engine: Engine,
  {cluster, objects}: Pick<RenderedCluster, 'cluster' | 'objects'>,
): PlannedObject[] {
  return sorted(objects).map(object => annotated(cluster, object, engine))
}

/** In the order of the waves, and otherwise by name, so that a list does not depend on who brings an object. */
function sorted(objects: readonly RenderedObject[]): RenderedObject[] {
  const keyOf = ({object: {kind, metadata}}: RenderedObject) => `${kind} ${metadata.name} ${metadata.namespace ?? ''}`
  return objects.toSorted((a, b) => a.wave - b.wave || (keyOf(a) < keyOf(b) ? -1 : 1))
}

/**
 * The object with a comment about its origin, and the annotations that the engine needs, such as those that keep shared objects from
 * removal. An object of an earlier render may have those of another engine.
 */
function annotated(cluster: string, rendered: RenderedObject, engine: Engine): PlannedObject {
  const {wave, object, isShared = false} = rendered
  // The signature of sops includes the annotations.
  if (rendered.text !== undefined) return {...rendered, comment: originComment(cluster, rendered)}
  const {annotations, ...metadata} = object.metadata
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !engineAnnotations.includes(key))
  const isKept = isShared || keptKinds.includes(object.kind)
  const all = {...Object.fromEntries(kept), ...annotationsFor(engine, wave, isKept, isShared)}
  const annotated = Object.keys(all).length === 0 ? metadata : {...metadata, annotations: all}
  return {wave, object: inKeyOrder({...object, metadata: annotated}), comment: originComment(cluster, rendered)}
}

/**
 * The annotations of an object for an engine.
 *
 * - Flux: without `Merge`, kustomize-controller removes all fields that a manager whose name begins with `kubectl` has set (`cleanup` in
 *   kustomize-controller 1.9, `matchFieldManager` in fluxcd/pkg/ssa 0.76): on a shared object also those of administrators.
 * - Argo CD: "Sync Options" and "Sync Phases and Waves" of its documentation, 3.5.
 */
function annotationsFor(engine: Engine, wave: number, isKept: boolean, isShared: boolean): Record<string, string> {
  if (engine === 'flux')
    return {
      ...(isKept ? {[fluxPrune]: 'disabled'} : {}),
      ...(isShared ? {[fluxApply]: 'Merge'} : {}),
    }
  if (engine === 'argocd')
    return {
      [argocdWave]: String(wave),
      ...(isKept ? {[argocdOptions]: 'Prune=false,Delete=false'} : {}),
    }
  return {}
}

function requireCluster(rendered: readonly RenderedCluster[], {engineCluster}: RenderChoice): void {
  const names = rendered.map(({cluster}) => cluster)
  if (engineCluster === undefined || names.includes(engineCluster)) return
  throw usageError(`--engine-cluster ${engineCluster}: the plan has no such cluster`, `clusters: ${names.join(', ')}`)
}

/** Argo CD inserts the name of a cluster into the path, which is a template. */
function requirePlainNames(clusters: readonly string[], gitPath: string): void {
  const problems = [
    ...clusters
      .filter(name => fileNameOf(name) !== name)
      .map(name => ({
        message: `cluster ${name}: its folder has another name, so Argo CD cannot find it by the name of the cluster`,
        hints: ['give the cluster another name, such as with clusterName in its Federation'],
      })),
    ...(gitPath.includes('{{')
      ? [{message: `the path ${gitPath} contains {{, which begins a template of Argo CD`}]
      : []),
  ]
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
}
