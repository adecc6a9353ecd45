import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {buildKialiReader, kialiAccessSet} from '../../../mesh/kiali/objects.ts'
import {rightsOf, rightsOfSet} from '../../../run/rights-of.ts'

/** The permissions to read Kiali and its access. */
function kialiReads(place: {systemNamespace: string}): Right[] {
  return [
    ...rightsOfSet(kialiAccessSet(place)),
    ...rightsFor(['list'], ['deployments.apps']),
    ...rightsFor(['get', 'list'], ['secrets', 'configmaps']),
    ...rightsFor(['get'], ['namespaces', 'customresourcedefinitions.apiextensions.k8s.io']),
  ]
}

/** All permissions of `mesh addon connect`, except those in the namespace of Kiali, which is not known before. */
export function connectRights(spec: {systemNamespace: string; credentialDuration: number | undefined}): Right[] {
  const {systemNamespace, credentialDuration} = spec
  const reader = buildKialiReader({cluster: '', systemNamespace}, {peer: 'x', bound: false, reader: 'kiali'})
  return [
    ...kialiReads(spec),
    ...rightsOf(reader),
    ...(credentialDuration === undefined ? [] : rightsFor(['create'], ['serviceaccounts/token'], systemNamespace)),
  ]
}

/** All permissions of `mesh addon disconnect`. */
export function disconnectRights(spec: {systemNamespace: string}): Right[] {
  return [
    ...kialiReads(spec),
    ...rightsOfSet(kialiAccessSet(spec), {verbs: ['get', 'list', 'delete'], namespace: 'all'}),
    ...rightsFor(['patch'], ['deployments.apps']),
  ]
}
