import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check} from '../../findings/check.ts'
import {ingressLabels} from './objects.ts'
import type {PodPorts} from './placement.ts'
import type {IngressFacts} from './read.ts'
import type {IngressDeploy} from './spec-deploy.ts'

/** Input of the checks that run before a gateway is deployed. */
export interface IngressSubject {
  spec: IngressDeploy & {namespace: string}
  facts: IngressFacts
  /** Whether our record lists an object, or this run adds it: version 0.1.0 created it. */
  isOurs: (object: KubernetesObject) => boolean
}

/** A check that runs before a gateway is deployed. */
export type IngressCheck = Check<IngressSubject>

/** Whether a pod belongs to the gateway that is deployed. */
export function isGatewayPod({namespace, labels}: PodPorts, spec: IngressSubject['spec']): boolean {
  const {app, istio} = ingressLabels(spec.name)
  return namespace === spec.namespace && labels.app === app && labels.istio === istio
}
