import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import {revisioned} from '../istio/names.ts'
import {istiodExposureKinds} from './objects-expose-istiod.ts'
import {exposureKinds} from './objects-exposure.ts'
import {gatewayKinds} from './objects-gateway.ts'
import {readerKinds} from './objects-reader.ts'
import {remoteSecretKinds} from './objects-remote-secret.ts'

/** The ApplySet of a federation in each of its clusters. */
export function federationApplySet(frame: {systemNamespace: string; revision: string | undefined}): ApplySet {
  const kinds = [...gatewayKinds, ...exposureKinds, ...istiodExposureKinds, ...readerKinds, ...remoteSecretKinds]
  return {name: revisioned('kubectl-mesh-federation', frame.revision), namespace: frame.systemNamespace, kinds}
}
