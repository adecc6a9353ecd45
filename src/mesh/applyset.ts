import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import {revisioned} from '../istio/names.ts'
import {istiodExposureKinds} from './objects-expose-istiod.ts'
import {exposureKinds} from './objects-exposure.ts'
import {gatewayKinds} from './objects-gateway.ts'
import {readerKinds} from './objects-reader.ts'
import {remoteSecretKinds} from './objects-remote-secret.ts'

/** Returns the ApplySet of a federation, which has the same name in each of its clusters. */
export function federationApplySet(where: {systemNamespace: string; revision: string | undefined}): ApplySet {
  const kinds = [...gatewayKinds, ...exposureKinds, ...istiodExposureKinds, ...readerKinds, ...remoteSecretKinds]
  return {name: revisioned('kubectl-mesh-federation', where.revision), namespace: where.systemNamespace, kinds}
}
