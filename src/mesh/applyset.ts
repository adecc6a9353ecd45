import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import {isOfSystemNamespace} from '../istio/system-objects.ts'
import {istiodExposureKinds} from './objects-expose-istiod.ts'
import {exposureKinds} from './objects-exposure.ts'
import {gatewayKinds} from './objects-gateway.ts'
import {readerKinds} from './objects-reader.ts'
import {remoteSecretKinds} from './objects-remote-secret.ts'

/**
 * Returns the ApplySet of a federation, which has the same name in each of its clusters. It does not depend on the revision: the
 * objects of a mesh outlast a canary upgrade.
 */
export function federationApplySet(where: {systemNamespace: string}): ApplySet {
  const kinds = [...gatewayKinds, ...exposureKinds, ...istiodExposureKinds, ...readerKinds, ...remoteSecretKinds]
  return {
    ...{
      name: 'kubectl-mesh-federation',
      namespace: where.systemNamespace,
      kinds,
      inNamespace: true,
      hadRevisions: true,
    },
    contains: object => isOfSystemNamespace(object, where.systemNamespace),
  }
}
