import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {parseYaml} from '../../../text/yaml.ts'
import {kialiConfigKey} from '../istio-kiali.ts'
import type {OpenableAddon} from './spec.ts'

/** Port and path of the user interface of each add-on (istio samples/addons, 1.31). */
export const interfaces: Readonly<Record<OpenableAddon, {port: number; path: string}>> = {
  kiali: {port: 20_001, path: '/kiali'},
  prometheus: {port: 9090, path: '/'},
  grafana: {port: 3000, path: '/'},
  jaeger: {port: 16_686, path: '/jaeger'},
}

/** What the configuration of Kiali contains about its user interface. Undefined where it does not set it. */
export interface KialiInterface {
  strategy: string | undefined
  port: number | undefined
  path: string | undefined
}

/**
 * Reads the configuration of Kiali.
 *
 * @param map its ConfigMap; whoever administers its namespace can write anything there
 */
export function readKialiInterface(map: KubernetesObject | undefined): KialiInterface {
  const {auth, server} = configIn(map)
  const {strategy} = mapping(auth)
  const {port, web_root: path} = mapping(server)
  return {
    strategy: typeof strategy === 'string' ? strategy : undefined,
    port: typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined,
    path: typeof path === 'string' && /^\/[\w./-]*$/.test(path) ? path : undefined,
  }
}

function configIn(map: KubernetesObject | undefined): Record<string, unknown> {
  const text = (map?.data as Record<string, unknown> | undefined)?.[kialiConfigKey]
  return mapping(typeof text === 'string' ? parseYaml(text) : undefined)
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
