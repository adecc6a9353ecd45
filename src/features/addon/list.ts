import type {Cluster} from '../../engine/cluster/cluster.ts'
import {idLabel} from '../../engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {connect} from '../../run/run.ts'
import {isTable} from '../../terminal/list/list-format.ts'
import {addonOfRecord} from './objects.ts'
import {addonListing, addonRows} from './report.ts'
import {addonListReads} from './rights.ts'
import {addonNames} from './spec-names.ts'

/**
 * Prints the add-ons of a cluster, whoever installed them.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws ApiError, UnreachableError
 */
export async function listAddons(context: string, run: ListRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context, addonListReads)
  const [records, workloads] = await Promise.all([readRecords(cluster), readWorkloads(cluster)])
  const rows = addonRows(records, workloads)
  if (rows.length === 0 && isTable(run.list)) {
    run.terminal.message([
      `${cluster.context}: no add-ons found`,
      'hint:  kubectl mesh addon install kiali prometheus --from ./istio-1.31.0',
    ])
    return exitCodes.ok
  }
  printListing(run, addonListing(rows, new Date()))
  return exitCodes.ok
}

/** The names of the add-ons with a record in a system namespace. */
export async function readInstalledNames(
  cluster: Cluster,
  {systemNamespace}: {systemNamespace: string},
): Promise<string[]> {
  return (await readRecords(cluster, systemNamespace)).flatMap(record => addonOfRecord(record) ?? [])
}

async function readRecords(cluster: Cluster, namespace?: string): Promise<KubernetesObject[]> {
  const where = namespace === undefined ? {} : {namespace}
  const maps = await cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {...where, labelSelector: idLabel})
  return maps.filter(map => addonNames.some(name => name === addonOfRecord(map)))
}

/** The labels of the charts from which Istio's manifests are rendered; Jaeger has only `app` (samples/addons, 1.31). */
const selectors = [`app.kubernetes.io/name in (${addonNames.join(',')})`, 'app=jaeger,!app.kubernetes.io/name']

/** Deployments and StatefulSets with the labels of add-ons, whoever created them. */
export async function readWorkloads(cluster: Cluster): Promise<KubernetesObject[]> {
  const kinds = ['Deployment', 'StatefulSet']
  const lists = await Promise.all(
    kinds.flatMap(kind => selectors.map(labelSelector => cluster.list({apiVersion: 'apps/v1', kind}, {labelSelector}))),
  )
  return lists.flat()
}
