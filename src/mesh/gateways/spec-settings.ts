import {isIP} from 'node:net'
import {FieldProblem, type TextCheck} from '../../spec/field.ts'
import {labelKey, labelValueOrEmpty} from '../../spec/labels.ts'
import {dnsLabel, ipAddress} from '../../spec/texts.ts'

/** How a gateway is exposed (Service `spec.type`). */
export type GatewayType = 'LoadBalancer' | 'NodePort' | 'ClusterIP'

const types: readonly string[] = ['LoadBalancer', 'NodePort', 'ClusterIP'] satisfies GatewayType[]

/** Settings of the east-west gateway of one cluster. What is not set has the default of the builder. */
export interface GatewaySettings {
  /** Name of the gateway, where another gateway has the default name. */
  name?: string
  type?: GatewayType
  /** Services outside the system namespace that are gateways of the cluster, as `NAMESPACE/NAME`. Ours is then not created. */
  existing?: readonly string[]
  /** Of the Service. */
  annotations?: Readonly<Record<string, string>>
  loadBalancerClass?: string
  /** CIDRs from which the load balancer accepts connections. */
  sourceRanges?: readonly string[]
  externalIPs?: readonly string[]
  /** Node ports by port of the Service. */
  nodePorts?: Readonly<Record<string, string>>
  nodeSelector?: Readonly<Record<string, string>>
  /** In the notation of `kubectl taint`: `KEY[=VALUE][:EFFECT]`. */
  tolerations?: readonly string[]
  replicas?: string
  /** Quantities by resource. */
  requests?: Readonly<Record<string, string>>
  limits?: Readonly<Record<string, string>>
}

/** The definition of one setting. */
interface Setting {
  /** Its name in the flag. The key in a file is its name in `GatewaySettings`. */
  flag: string
  valueName: string
  /**
   * Adds a value to those of the setting.
   *
   * @throws FieldProblem
   */
  add(before: never, text: string): unknown
}

/** The ports of an east-west gateway's Service. */
const servicePorts = ['15021', '15443', '15012', '15017']

const port: TextCheck = text =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? undefined : 'is not a port (1 to 65535)'

const cidr: TextCheck = text => {
  const [address = '', prefix = '', ...more] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits && more.length === 0 ? undefined : 'is not a CIDR'
}

/** A resource quantity without exponents (apimachinery, pkg/api/resource). */
const quantity: TextCheck = text =>
  /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.test(text) ? undefined : 'is not a quantity, such as 500m or 1Gi'

const toleration: TextCheck = text => {
  const [taint = '', effect = 'NoSchedule', ...more] = text.split(':')
  const [key = '', value = ''] = taint.split('=')
  const isEffect = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)
  const fine = !labelKey(key) && !labelValueOrEmpty(value) && isEffect && more.length === 0
  return fine ? undefined : 'is not KEY[=VALUE][:EFFECT]'
}

function checked(text: string, check: TextCheck): string {
  const problem = check(text)
  if (problem) throw new FieldProblem(`${text} ${problem}`)
  return text
}

function one(flag: string, valueName: string, check: TextCheck): Setting {
  return {
    flag,
    valueName,
    add: (before: string | undefined, text) => {
      if (before !== undefined && before !== text) throw new FieldProblem(`sets ${flag} twice: ${before} and ${text}`)
      return checked(text, check)
    },
  }
}

function list(flag: string, valueName: string, check: TextCheck): Setting {
  return {
    flag,
    valueName,
    add: (before: readonly string[] = [], text) => [...new Set([...before, checked(text, check)])],
  }
}

function map(flag: string, valueName: string, checkKey: TextCheck, check: TextCheck): Setting {
  return {
    flag,
    valueName,
    add: (before: Readonly<Record<string, string>> = {}, text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new FieldProblem(`${text} is not ${valueName}`)
      const [key, value] = [checked(text.slice(0, at), checkKey), checked(text.slice(at + 1), check)]
      if (Object.hasOwn(before, key) && before[key] !== value) throw new FieldProblem(`sets ${flag} ${key} twice`)
      return {...before, [key]: value}
    },
  }
}

/** The name of the account, NAME-service-account, is a DNS label too. */
const gatewayName: TextCheck = text =>
  dnsLabel(`${text}-service-account`) && 'is not a name with at most 47 lower-case characters'
const serviceRef: TextCheck = text => {
  const parts = text.split('/')
  return parts.length === 2 && parts.every(part => !dnsLabel(part))
    ? undefined
    : 'is not the NAMESPACE/NAME of a Service'
}
const anyText: TextCheck = () => undefined
const servicePort: TextCheck = text =>
  servicePorts.includes(text) ? undefined : `is not a port of the gateway (${servicePorts.join(', ')})`
const replicas: TextCheck = text => (/^\d{1,3}$/.test(text) && text !== '0' ? undefined : 'is not a number of pods')
const type: TextCheck = text => (types.includes(text) ? undefined : `is not one of ${types.join(', ')}`)

/** All settings, by key in a file. */
export const gatewaySettings: Readonly<Record<keyof GatewaySettings, Setting>> = {
  name: one('name', 'NAME', gatewayName),
  existing: list('existing', 'NAMESPACE/NAME', serviceRef),
  type: one('type', 'TYPE', type),
  annotations: map('annotation', 'KEY=VALUE', labelKey, anyText),
  loadBalancerClass: one('load-balancer-class', 'CLASS', labelKey),
  sourceRanges: list('source-range', 'CIDR', cidr),
  externalIPs: list('external-ip', 'IP', ipAddress),
  nodePorts: map('node-port', 'PORT=NODEPORT', servicePort, port),
  nodeSelector: map('node-selector', 'KEY=VALUE', labelKey, labelValueOrEmpty),
  tolerations: list('toleration', 'KEY[=VALUE][:EFFECT]', toleration),
  replicas: one('replicas', 'NUMBER', replicas),
  requests: map('request', 'RESOURCE=QUANTITY', labelKey, quantity),
  limits: map('limit', 'RESOURCE=QUANTITY', labelKey, quantity),
}

/** Returns whether a key in a file is a setting. */
export function isSettingName(name: string): name is keyof GatewaySettings {
  return Object.hasOwn(gatewaySettings, name)
}
