import {readFile} from 'node:fs/promises'
import {load} from 'js-yaml'
import type {GroundCluster} from './ground.ts'

/** The parts of a kubeconfig that tests change. */
export interface EditedKubeconfig {
  clusters: {name: string; cluster: Record<string, string | boolean>}[]
  contexts: {name: string; context: {cluster: string}}[]
}

/** Returns the entry of a context's cluster in a kubeconfig, and the kubeconfig. Changes of the entry change the kubeconfig. */
export async function clusterEntry({kubeconfig, context}: GroundCluster['direct']) {
  const config = load(await readFile(kubeconfig, 'utf8')) as EditedKubeconfig
  const name = config.contexts.find(one => one.name === context)!.context.cluster
  return {config, entry: config.clusters.find(one => one.name === name)!.cluster}
}
