import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {localityLabels, parseLocality} from '../../../src/features/locality/istio.ts'
import {object} from '../federate/samples-mesh.ts'

/** The control plane that the samples use. */
export const where = {systemNamespace: 'istio-system', revision: undefined}

/** A time within one minute, by its seconds. */
export const at = (seconds: string) => `2026-01-01T00:00:${seconds}Z`

/**
 * A node in `region[/zone]`.
 *
 * @param labelled seconds at which its labels were last changed
 */
export function node(name: string, locality: string, labelled?: string): KubernetesObject {
  const {region, zone} = parseLocality(locality)
  const labels = {...(region ? {[localityLabels.region]: region} : {}), ...(zone ? {[localityLabels.zone]: zone} : {})}
  const fieldsV1 = {'f:metadata': {'f:labels': {[`f:${localityLabels.zone}`]: {}}}}
  const managedFields = [
    {manager: 'kwok', time: at('59'), fieldsV1: {'f:status': {}}},
    {manager: 'm', time: at(labelled ?? '00'), fieldsV1},
  ]
  return object('Node', name, {metadata: {labels, ...(labelled ? {managedFields} : {})}})
}

/** A pod by `namespace/name`. */
export function pod(name: string, labels: Record<string, string>, more: object = {}): KubernetesObject {
  return object('Pod', name, {metadata: {labels}, ...more})
}

/** The Service `shop/web`. */
export const webService = object('Service', 'shop/web', {spec: {selector: {app: 'web'}}})

/** An EndpointSlice of Service `shop/web` with one ready endpoint on each node. */
export function webSlice(...nodes: string[]): KubernetesObject {
  return object('EndpointSlice', 'shop/web-1', {
    metadata: {labels: {'kubernetes.io/service-name': 'web'}},
    endpoints: nodes.map((nodeName, index) => ({addresses: [`10.0.0.${index}`], nodeName, conditions: {ready: true}})),
  })
}

/** A DestinationRule by `namespace/name`. */
export function rule(name: string, host: string, trafficPolicy: object = {}, metadata: object = {}): KubernetesObject {
  return {
    ...object('DestinationRule', name, {metadata, spec: {host, trafficPolicy}}),
    apiVersion: 'networking.istio.io/v1',
  }
}
