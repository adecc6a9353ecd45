import type {Problem} from '../../errors.ts'
import {names} from '../../istio/names.ts'
import {type Field, FieldProblem, type Raw, textOf} from '../../spec/field.ts'
import {type GatewaySettings, type GatewayType, gatewaySettings, isSettingName} from './spec-settings.ts'

/** The settings of gateways, by context. */
export type GatewaysByContext = Readonly<Record<string, GatewaySettings>>

/** Settings of the east-west gateway of each cluster: `CTX=SETTING=VALUE` by repeating the flag, or a map in a file. */
export const gatewayField: Field<GatewaysByContext> = {
  kind: 'list',
  flag: 'gateway',
  about: `a setting of the east-west gateway of one cluster; repeatable. Settings: ${Object.values(gatewaySettings)
    .map(({flag, valueName}) => `${flag}=${valueName}`)
    .join(', ')}`,
  valueName: 'CTX=SETTING=VALUE',
  fallback: Object.create(null),
  parse: raw => (isMap(raw) ? fromMap(raw) : fromTexts((Array.isArray(raw) ? raw : [raw]).map(textOf))),
  format: all => Object.entries(all).flatMap(([context, settings]) => textsOf(context, settings)),
}

function isMap(raw: Raw): raw is Readonly<Record<string, Raw>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

/** A mesh file: `gateway: {east: {type: NodePort, nodePorts: {15443: 32443}}}`. */
function fromMap(raw: Readonly<Record<string, Raw>>): GatewaysByContext {
  const all = Object.entries(raw).map(([context, settings]) => {
    if (!isMap(settings)) throw new FieldProblem(`of ${context} must be a map of settings`)
    const texts = Object.entries(settings).flatMap(([name, value]) => {
      if (!isSettingName(name)) throw new FieldProblem(`of ${context} has no setting ${name}`)
      return valuesIn(value).map(text => `${context}=${gatewaySettings[name].flag}=${text}`)
    })
    return fromTexts(texts)
  })
  return Object.assign(Object.create(null), ...all) as GatewaysByContext
}

/** The values of a setting in a file: one, a list, or a map. */
function valuesIn(value: Raw): string[] {
  if (isMap(value)) return Object.entries(value).map(([key, text]) => `${key}=${textOf(text)}`)
  return (Array.isArray(value) ? value : [value]).map(textOf)
}

/** The flag of a setting between two `=`. Contexts and values may contain `=`, so the first one that is known counts. */
const pair = new RegExp(
  `^(.+?)=(${Object.values(gatewaySettings)
    .map(({flag}) => flag)
    .join('|')})=(.*)$`,
  's',
)

function fromTexts(texts: readonly string[]): GatewaysByContext {
  const all: Record<string, GatewaySettings> = Object.create(null)
  for (const text of texts) {
    const [, context, flag, value] = text.match(pair) ?? []
    const entry = Object.entries(gatewaySettings).find(([, setting]) => setting.flag === flag)
    if (context === undefined || value === undefined || !entry)
      throw new FieldProblem(
        `${text} is not CTX=SETTING=VALUE with one of the settings ${Object.values(gatewaySettings)
          .map(setting => setting.flag)
          .join(', ')}`,
      )
    const [name, setting] = entry
    const before = all[context] ?? {}
    all[context] = {...before, [name]: setting.add((before as Record<string, unknown>)[name] as never, value)}
  }
  return all
}

function textsOf(context: string, settings: GatewaySettings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const {flag} = gatewaySettings[name as keyof GatewaySettings]
    return valuesIn(value as Raw).map(text => `${context}=${flag}=${text}`)
  })
}

/** Returns settings with others over them. Each setting is kept or replaced as a whole. */
export function mergeGateways(stored: GatewaysByContext, requested: GatewaysByContext): GatewaysByContext {
  const merged: Record<string, GatewaySettings> = Object.assign(Object.create(null), stored)
  for (const [context, settings] of Object.entries(requested)) merged[context] = {...merged[context], ...settings}
  return merged
}

/** The settings that determine the gateway of a cluster. */
export interface GatewaySpec {
  gateway: GatewaysByContext
  /** The type of all gateways without their own. */
  gatewayServiceType: GatewayType
}

/** Returns the type of the gateway's Service in a cluster. */
export function gatewayTypeOf({gateway, gatewayServiceType}: GatewaySpec, context: string): GatewayType {
  return gateway[context]?.type ?? gatewayServiceType
}

/** Returns the name of the gateway in a cluster. */
export function gatewayNameOf({gateway}: Pick<GatewaySpec, 'gateway'>, context: string): string {
  return gateway[context]?.name ?? names.gateway
}

/** Cross-field validation. */
export function gatewayProblems(spec: GatewaySpec & {contexts: readonly string[]}): Problem[] {
  return Object.entries(spec.gateway).flatMap(([context, settings]) => {
    const problem = (setting: keyof GatewaySettings, text: string) => ({
      message: `--gateway ${context}=${gatewaySettings[setting].flag}: ${text}`,
    })
    if (!spec.contexts.includes(context))
      return [{message: `--gateway ${context}: ${context} is not among --contexts ${spec.contexts.join(',')}`}]
    const type = gatewayTypeOf(spec, context)
    const onlyBalanced = (['loadBalancerClass', 'sourceRanges'] as const).filter(name => settings[name] !== undefined)
    return [
      ...(type === 'LoadBalancer' ? [] : onlyBalanced.map(name => problem(name, `has no effect on type ${type}`))),
      ...(type === 'ClusterIP' && settings.nodePorts ? [problem('nodePorts', 'has no effect on type ClusterIP')] : []),
    ]
  })
}
