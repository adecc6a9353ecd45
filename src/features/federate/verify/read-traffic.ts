import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Exporter} from '../../../mesh/services/objects.ts'
import {offersOf, type Refusal} from '../../../mesh/services/offers.ts'
import type {ExportingCluster} from '../../../mesh/services/read.ts'

/**
 * The throw-away HelloWorld of each cluster as `mesh service export` would export it, by the cluster's name; and why one
 * can't be exported.
 *
 * @param all each cluster, and what is to be made there
 */
export function helloExporters(all: readonly {exporting: ExportingCluster; made: readonly KubernetesObject[]}[]): {
  exporters: Record<string, Exporter>
  refusals: Refusal[]
} {
  const found = all.map(({exporting, made}) => {
    const services = made.filter(({kind}) => kind === 'Service')
    const pods = made.filter(({kind}) => kind === 'Pod')
    return offersOf({...exporting, services, pods, workloadEntries: []}, 'cluster.local', new Map())
  })
  return {
    exporters: Object.fromEntries(
      found.flatMap(({offers}) => offers.map(({cluster, exporter}) => [cluster, exporter] as const)),
    ),
    refusals: found.flatMap(({refusals}) => refusals),
  }
}
