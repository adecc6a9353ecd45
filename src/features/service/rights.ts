import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import type {ServiceChoice} from '../../mesh/services/read.ts'

const imports = ['serviceentries.networking.istio.io', 'destinationrules.networking.istio.io']

/** The permissions to read the selected Services of a cluster, and to determine whether they can be exported. */
export function exporterRights({name, namespace}: ServiceChoice, systemNamespace: string): Right[] {
  return [
    ...rightsFor(['list'], ['services']),
    ...(name === undefined ? [] : rightsFor(['get'], ['services'], namespace)),
    ...rightsFor(['list'], ['pods', 'workloadentries.networking.istio.io'], namespace),
    ...rightsFor(['list'], ['gateways.networking.istio.io'], systemNamespace),
  ]
}

/** The permissions to list the imports of a cluster. */
export function listRights(systemNamespace: string): Right[] {
  return [
    ...rightsFor(['list'], imports),
    ...rightsFor(['get'], imports, systemNamespace),
    ...rightsFor(['get', 'list'], ['configmaps'], systemNamespace),
  ]
}

/** The permissions to add imports to a cluster. */
export function importerRights(systemNamespace: string): Right[] {
  return [
    ...listRights(systemNamespace),
    ...rightsFor(['create', 'patch'], [...imports, 'configmaps'], systemNamespace),
  ]
}

/** The permissions to remove imports from a cluster. */
export function unimporterRights(systemNamespace: string): Right[] {
  return [...importerRights(systemNamespace), ...rightsFor(['delete'], [...imports, 'configmaps'], systemNamespace)]
}
