import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {messageOf, usageError} from '../../errors.ts'
import {cannotRead} from '../../text/file-errors.ts'
import {codeOf} from '../../text/files.ts'
import {readText} from '../../text/read-text.ts'
import {loadAllYaml} from '../../text/yaml.ts'
import {renderAddonChart} from '../../tools/helm-chart.ts'
import {manifestProblem} from './manifest.ts'
import type {AddonInstall} from './spec.ts'
import {type AddonName, namesIn} from './spec-names.ts'

/** The manifests of add-ons, as their authors wrote them. */
export type Manifests = ReadonlyMap<AddonName, readonly KubernetesObject[]>

/** Folder of the add-ons in an Istio release. */
const releaseFolder = join('samples', 'addons')

/**
 * Reads the manifests of add-ons: from an Istio release, a folder, a file or stdin, or rendered from a Helm chart.
 *
 * @param namespace of the add-ons, for a chart
 * @throws MeshError (exit 2) if there are none or a document is not an object that an add-on can contain, (exit 3) if Helm fails
 */
export async function readManifests(
  {names, from = '', values}: Pick<AddonInstall, 'names' | 'from' | 'values'>,
  namespace: string,
  signal?: AbortSignal,
): Promise<Manifests> {
  const wanted = namesIn(names)
  const source = await sourceOf(from)
  if (source.kind !== 'chart' && values.length > 0)
    throw usageError(`--values has no effect with manifests; --from ${from} is not a Helm chart`)
  if (source.kind === 'folder') {
    const files = wanted.map(async name => [name, await readFile(join(source.path, `${name}.yaml`), name)] as const)
    return new Map(await Promise.all(files))
  }
  const [name, other] = wanted
  if (name === undefined) return new Map()
  if (other !== undefined)
    throw usageError(
      `--from ${from} contains one add-on, and ${wanted.length} are requested`,
      'install them one after the other, or use the folder of your Istio release',
    )
  if (source.kind === 'file') return new Map([[name, await readFile(from, name)]])
  const text = await renderAddonChart({release: name, chart: from, namespace, values}, signal)
  return new Map([[name, objectsIn(text, from)]])
}

type Source = {kind: 'folder'; path: string} | {kind: 'file'} | {kind: 'chart'}

async function sourceOf(from: string): Promise<Source> {
  if (from === '-') return {kind: 'file'}
  if (/^oci:\/\//.test(from)) return {kind: 'chart'}
  const found = await entry(from)
  if (found === undefined) {
    // A name in a repository of Helm, which no path looks like that exists.
    if (/^[\w.-]+\/[\w.-]+$/.test(from) && !/\.ya?ml$/.test(from) && !from.startsWith('.')) return {kind: 'chart'}
    throw usageError(`--from ${from}: there is no such file or folder`)
  }
  if (!found.isDirectory()) return {kind: /\.tgz$|\.tar\.gz$/.test(from) ? 'chart' : 'file'}
  if (await entry(join(from, 'Chart.yaml'))) return {kind: 'chart'}
  const inRelease = join(from, releaseFolder)
  return {kind: 'folder', path: (await entry(inRelease))?.isDirectory() ? inRelease : from}
}

async function entry(path: string) {
  return stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    return cannotRead(path)(error)
  })
}

async function readFile(path: string, name: AddonName): Promise<KubernetesObject[]> {
  try {
    return objectsIn(await readText(path), path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return cannotRead(path)(error)
    throw usageError(
      `--from has no manifest of ${name}: ${path} does not exist`,
      'use the folder of an Istio release, or a folder with ADDON.yaml for each add-on',
    )
  }
}

function objectsIn(text: string, path: string): KubernetesObject[] {
  const documents = documentsIn(text, path)
  const problem = manifestProblem(documents)
  if (problem !== undefined) throw usageError(`${path}: ${problem}`)
  return documents as KubernetesObject[]
}

function documentsIn(text: string, path: string): unknown[] {
  try {
    return loadAllYaml(text)
  } catch (error) {
    throw usageError(`${path}: ${messageOf(error).split('\n')[0]}`)
  }
}
