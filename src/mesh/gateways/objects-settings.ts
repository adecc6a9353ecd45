import {nodeSelectorAnnotation} from './endpoints.ts'
import type {GatewaySettings, GatewayType} from './spec-settings.ts'

/**
 * Returns the annotations of a gateway's Service. For type NodePort they include the one without which istiod does not use the
 * gateway (pilot/pkg/serviceregistry/kube/controller/util.go, isNodePortGatewayService, 1.24–1.31).
 */
export function serviceAnnotations(type: GatewayType, {annotations}: GatewaySettings): Record<string, string> {
  return {...(type === 'NodePort' ? {[nodeSelectorAnnotation]: '{}'} : {}), ...annotations}
}

/** Returns the fields of a gateway's Service that settings determine, beside its type. */
export function serviceFields({loadBalancerClass, sourceRanges, externalIPs}: GatewaySettings): object {
  return {
    ...(loadBalancerClass === undefined ? {} : {loadBalancerClass}),
    ...(sourceRanges === undefined ? {} : {loadBalancerSourceRanges: [...sourceRanges]}),
    ...(externalIPs === undefined ? {} : {externalIPs: [...externalIPs]}),
  }
}

/** Returns the node port of a port of the Service, if settings determine it. */
export function nodePortField(port: number, {nodePorts}: GatewaySettings): {nodePort?: number} {
  const nodePort = nodePorts?.[String(port)]
  return nodePort === undefined ? {} : {nodePort: Number(nodePort)}
}

/** Returns the fields of a gateway's pods that determine their nodes. */
export function placementFields({nodeSelector, tolerations}: GatewaySettings): object {
  return {
    ...(nodeSelector === undefined ? {} : {nodeSelector: {...nodeSelector}}),
    ...(tolerations === undefined ? {} : {tolerations: tolerations.map(tolerationOf)}),
  }
}

function tolerationOf(text: string): object {
  const [taint = '', effect] = text.split(':')
  const [key, value] = taint.split('=')
  return {
    key,
    ...(value === undefined ? {operator: 'Exists'} : {operator: 'Equal', value}),
    ...(effect === undefined ? {} : {effect}),
  }
}

/** Returns the number of pods, if settings determine it. Otherwise an autoscaler or a user may. */
export function replicasField({replicas}: GatewaySettings): {replicas?: number} {
  return replicas === undefined ? {} : {replicas: Number(replicas)}
}

/** Returns the resources of a gateway's container. The defaults are those of Istio's charts. */
export function resourcesOf({requests, limits}: GatewaySettings): object {
  return {
    limits: {cpu: '2', memory: '1Gi', ...limits},
    requests: {cpu: '100m', memory: '128Mi', ...requests},
  }
}
