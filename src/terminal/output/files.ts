import {createHash} from 'node:crypto'
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {refKey, refOf} from '../../engine/kubernetes/object.ts'
import {dumpYaml, loadYaml} from '../../text/yaml.ts'
import type {ClusterObjects, PlannedObject} from './objects.ts'
import {isSecret} from './redact.ts'

/** The first line of each list. Only a list with this exact line is trusted on the next run. */
const header = '# Written by kubectl mesh. Files that are listed here are written again and removed on the next run.\n'

/**
 * Writes one folder per cluster, with one file per object, named in apply order, and a `kustomization.yaml` that lists
 * them. Files that the previous run listed and this one does not write are removed; other files stay. Equal objects give
 * equal bytes. Secrets get mode 0600.
 *
 * @returns the written paths, in the order to print them
 */
export async function writeFolders(folder: string, clusters: readonly ClusterObjects[]): Promise<string[]> {
  const written: string[] = []
  for (const {cluster, objects} of clusters) {
    const parent = join(folder, cluster)
    await mkdir(parent, {recursive: true})
    const files = fileNames(objects)
    for (const [at, {object}] of objects.entries()) {
      await writeAtomically(join(parent, files[at]!), dumpYaml(object), isSecret(object) ? 0o600 : 0o644)
      written.push(join(parent, files[at]!))
    }
    const list = join(parent, 'kustomization.yaml')
    for (const old of await filesOfLastRun(list)) if (!files.includes(old)) await rm(join(parent, old), {force: true})
    const kustomization = {apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: files}
    await writeAtomically(list, header + dumpYaml(kustomization), 0o644)
    written.push(list)
  }
  return written
}

/** Maximum length of a name without its hash and suffix. File systems allow 255 bytes. */
const maxNameLength = 230

/**
 * `10-namespace-istio-system.yaml`. If two names are equal, they get the namespace and the API version. If they are still
 * equal, or a name is too long, it gets a hash. Names that differ only in case count as equal: file systems may ignore it.
 */
function fileNames(objects: readonly PlannedObject[]): string[] {
  const short = objects.map(({wave, object}) => `${wave}-${object.kind.toLowerCase()}-${plain(object.metadata.name)}`)
  const isShortAmbiguous = duplicatesIn(short)
  const full = short.map((name, at) => {
    const {apiVersion, metadata} = objects[at]!.object
    return isShortAmbiguous(name) ? `${name}-${plain(metadata.namespace ?? 'cluster')}-${plain(apiVersion)}` : name
  })
  const isFullAmbiguous = duplicatesIn(full)
  return full.map((name, at) => {
    if (name.length <= maxNameLength && !isFullAmbiguous(name)) return `${name}.yaml`
    const hash = createHash('sha256')
      .update(refKey(refOf(objects[at]!.object)))
      .digest('hex')
      .slice(0, 8)
    return `${name.slice(0, maxNameLength)}-${hash}.yaml`
  })
}

/** Returns a test for names that the list contains more than once. */
function duplicatesIn(names: readonly string[]): (name: string) => boolean {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  return name => counts.get(name.toLowerCase())! > 1
}

/** Replaces characters that some file systems do not allow: names of roles may contain `:`. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, '_')
}

async function filesOfLastRun(list: string): Promise<string[]> {
  const text = await readFile(list, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (!text.startsWith(header)) return []
  const {resources = []} = loadYaml(text) as {resources?: string[]}
  return resources.filter(name => /^[A-Za-z0-9._-]+\.yaml$/.test(name))
}

/** Writes a file under its name only when it is complete, and with its mode from the start. */
async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  const part = `${path}.part`
  await rm(part, {force: true})
  await writeFile(part, text, {mode, flag: 'wx'})
  await rename(part, path)
}
