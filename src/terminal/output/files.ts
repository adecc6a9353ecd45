import {createHash} from 'node:crypto'
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {refKey, refOf} from '../../engine/kubernetes/object.ts'
import {dumpYaml, loadYaml} from '../../text/yaml.ts'
import type {ClusterObjects, PlannedObject} from './objects.ts'
import {isSecret} from './redact.ts'

const header = '# Written by kubectl mesh. Files that are listed here are written again and removed on the next run.\n'

/**
 * Writes one folder a cluster, one file an object, named in apply order, and a `kustomization.yaml` that lists them.
 * The same plan gives the same bytes. Files of an earlier run that are no longer made are removed; others are kept.
 * Secrets get mode 0600. Returns the paths, as they are printed.
 */
export async function writeFolders(folder: string, clusters: readonly ClusterObjects[]): Promise<string[]> {
  const written: string[] = []
  for (const {cluster, objects} of clusters) {
    const place = join(folder, cluster)
    await mkdir(place, {recursive: true})
    const files = fileNames(objects)
    for (const [at, {object}] of objects.entries()) {
      await writeWhole(join(place, files[at]!), dumpYaml(object), isSecret(object) ? 0o600 : 0o644)
      written.push(join(place, files[at]!))
    }
    const list = join(place, 'kustomization.yaml')
    for (const old of await filesOfLastRun(list)) if (!files.includes(old)) await rm(join(place, old), {force: true})
    const kustomization = {apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: files}
    await writeWhole(list, header + dumpYaml(kustomization), 0o644)
    written.push(list)
  }
  return written
}

/** Most characters of a name, so that it fits with what is put behind it into the 255 bytes of a file's name. */
const longest = 230

/**
 * `10-namespace-istio-system.yaml`; the namespace joins in only where two files would have one name, also in a file system
 * that can't tell `A` from `a`, and a hash where that is not enough or the name would be too long.
 */
function fileNames(objects: readonly PlannedObject[]): string[] {
  const short = objects.map(({wave, object}) => `${wave}-${object.kind.toLowerCase()}-${plain(object.metadata.name)}`)
  const isShortTwice = findTwice(short)
  const full = short.map((name, at) => {
    const {apiVersion, metadata} = objects[at]!.object
    return isShortTwice(name) ? `${name}-${plain(metadata.namespace ?? 'cluster')}-${plain(apiVersion)}` : name
  })
  const isFullTwice = findTwice(full)
  return full.map((name, at) => {
    if (name.length <= longest && !isFullTwice(name)) return `${name}.yaml`
    const hash = createHash('sha256')
      .update(refKey(refOf(objects[at]!.object)))
      .digest('hex')
      .slice(0, 8)
    return `${name.slice(0, longest)}-${hash}.yaml`
  })
}

/** Tells the names that stand twice in a list. */
function findTwice(names: readonly string[]): (name: string) => boolean {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  return name => counts.get(name.toLowerCase())! > 1
}

/** Names of roles may hold `:`, which not every file system takes. */
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

/** Never half a file under its name, and never a secret under a wider mode. */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const part = `${path}.part`
  await rm(part, {force: true})
  await writeFile(part, text, {mode, flag: 'wx'})
  await rename(part, path)
}
