import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {vi} from 'vitest'
import {buildLab, labFolder} from '../binaries.ts'
import type {Lab} from '../lab/lab.ts'
import {findFreePorts} from '../ports.ts'

/** A running Flux. */
export interface Flux {
  /** Creates a Secret with the kubeconfig of a cluster of the lab, as Cluster API does. */
  connect(cluster: string): Promise<void>
  /** Creates the GitRepository `flux-system`, and a Kustomization of the same name that applies a folder, as `flux bootstrap` does. */
  follow(url: string, path: string): Promise<void>
  /** Waits until Flux has read a commit, and all Kustomizations of a list, and no others, are ready with it. */
  settle(commit: string, names: readonly string[]): Promise<void>
  /** The names of all Kustomizations. */
  names(): Promise<string[]>
  /** Reconciles a Kustomization once, as `flux reconcile` does, and waits until it is ready. */
  reconcile(name: string): Promise<void>
}

interface Resource {
  metadata: {name: string; generation: number}
  status?: {
    lastAppliedRevision?: string
    lastHandledReconcileAt?: string
    observedGeneration?: number
    conditions?: {type: string; status: string; message: string; observedGeneration?: number}[]
  }
}

const namespace = 'flux-system'
const system = ['-n', namespace]
const rootName = 'flux-system'

/** Starts source-controller and kustomize-controller for a cluster of the lab. The first start builds them, which takes minutes. */
export async function startFlux(lab: Lab, cluster: string): Promise<Flux> {
  await buildLab('flux')
  await lab.runOk([join(labFolder, 'flux.sh'), lab.dir, cluster, String(await findFreePorts(5))])
  const kubectl = (...args: string[]) => lab.kubectl(cluster, [...system, ...args])
  const kustomizations = async () =>
    (
      JSON.parse(await kubectl('get', 'kustomizations.kustomize.toolkit.fluxcd.io', '-o', 'json')) as {
        items: Resource[]
      }
    ).items
  const request = async (kind: string, name: string) => {
    const id = randomUUID()
    await kubectl('annotate', '--overwrite', kind, name, `reconcile.fluxcd.io/requestedAt=${id}`)
    return id
  }
  return {
    connect: async name => {
      const file = `--from-file=value=${lab.kubeconfigOf(name)}`
      await kubectl('create', 'secret', 'generic', `${name}-kubeconfig`, file)
    },
    follow: async (url, path) => {
      const items = [gitRepository(url), rootKustomization(path)]
      await lab.kubectl(cluster, ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
    },
    settle: async (commit, names) => {
      await request('gitrepositories.source.toolkit.fluxcd.io', rootName)
      const expected = [...names, rootName].sort().join(' ')
      await until(async () => {
        const found = await kustomizations()
        const lines = found.flatMap(one => (isReady(one, commit) ? [] : [stateOf(one)]))
        const got = found.map(({metadata}) => metadata.name).sort()
        return got.join(' ') === expected ? lines : [...lines, `found ${got.join(' ')}; expected ${expected}`]
      })
    },
    names: async () => (await kustomizations()).map(({metadata}) => metadata.name),
    reconcile: async name => {
      const id = await request('kustomizations.kustomize.toolkit.fluxcd.io', name)
      await until(async () => {
        const one = (await kustomizations()).find(({metadata}) => metadata.name === name)
        if (!one) return [`${name} does not exist`]
        return one.status?.lastHandledReconcileAt === id && isReady(one) ? [] : [stateOf(one)]
      })
    },
  }
}

/** Waits until a function returns no lines. A failure shows the last ones. */
async function until(pending: () => Promise<string[]>): Promise<void> {
  let last: string[] = []
  const isDone = async () => {
    last = await pending()
    return last.length === 0
  }
  await vi.waitUntil(isDone, {timeout: 120_000, interval: 500}).catch(() => {
    throw new Error(`Flux is not ready:\n${last.join('\n')}`)
  })
}

function isReady({metadata, status}: Resource, commit?: string): boolean {
  const ready = status?.conditions?.find(({type}) => type === 'Ready')
  const isCurrent = ready?.status === 'True' && status?.observedGeneration === metadata.generation
  return isCurrent && (commit === undefined || status?.lastAppliedRevision?.endsWith(`:${commit}`) === true)
}

function stateOf({metadata, status}: Resource): string {
  const messages = status?.conditions?.map(({type, status, message}) => `${type}=${status} ${message}`)
  return [metadata.name, status?.lastAppliedRevision, ...(messages ?? [])].join(' ')
}

function gitRepository(url: string): object {
  const spec = {interval: '10m', ref: {branch: 'main'}, url}
  const metadata = {name: rootName, namespace}
  return {apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata, spec}
}

function rootKustomization(path: string): object {
  const sourceRef = {kind: 'GitRepository', name: rootName}
  const spec = {interval: '10m', path, prune: true, retryInterval: '2s', sourceRef}
  const metadata = {name: rootName, namespace}
  return {apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata, spec}
}
