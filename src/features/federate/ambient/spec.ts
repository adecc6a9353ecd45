import type {Problem} from '../../../errors.ts'
import {type DataPlane, dataPlanes} from '../../../mesh/ambient/record.ts'
import type {GatewaysByContext} from '../../../mesh/gateways/spec.ts'
import {gatewaySettings, isSettingName} from '../../../mesh/gateways/spec-settings.ts'
import {choiceField} from '../../../spec/field.ts'

/** Fields of `mesh federate` that concern the data plane. */
export const dataPlaneFields = {
  dataPlane: {
    ...choiceField({
      flag: 'data-plane',
      about:
        'workloads that reach each other across clusters: pods with a sidecar, pods in ambient mode (a gateway of class istio-east-west for HBONE), or both, with both gateways',
      options: dataPlanes,
      fallback: 'sidecar',
      onlyWith: {mode: ['multi-primary']},
      excludes: ['singleNetwork'],
    }),
    fallbackText: 'ambient if every cluster runs ztunnel and its istiod supports several networks, else sidecar',
    risk: dataPlaneRisk,
  },
}

/** Describes a change of `--data-plane` after which workloads lose their gateway. */
export function dataPlaneRisk(before: DataPlane, after: DataPlane): string | undefined {
  if (before === after || after === 'both') return undefined
  const lost =
    after === 'ambient'
      ? 'pods with a sidecar can no longer reach, or be reached from, other clusters'
      : 'pods in ambient mode can no longer reach, or be reached from, other clusters'
  return `the data plane changes from ${before} to ${after}: ${lost}`
}

/** Returns whether a federation has gateways for sidecars. */
export function servesSidecars({dataPlane}: {dataPlane: DataPlane}): boolean {
  return dataPlane !== 'ambient'
}

/** Returns whether a federation has gateways for pods in ambient mode. */
export function servesAmbient({dataPlane}: {dataPlane: DataPlane}): boolean {
  return dataPlane !== 'sidecar'
}

/** What the gateways of ambient mode depend on. */
interface GatewayInput {
  dataPlane: DataPlane
  expose: readonly string[]
  gatewayServiceType: string
  gateway: GatewaysByContext
}

/** Cross-field validation: settings that have no effect on the gateways of ambient mode. */
export function dataPlaneProblems(spec: GatewayInput): Problem[] {
  if (servesSidecars(spec)) return []
  const settings = Object.entries(spec.gateway).flatMap(([context, values]) =>
    Object.keys(values)
      .filter(isSettingName)
      .filter(name => name !== 'annotations')
      .map(name => `--gateway ${context}=${gatewaySettings[name].flag}`),
  )
  const flags = [
    ...(spec.expose.length > 0 ? ['--expose'] : []),
    ...(spec.gatewayServiceType === 'LoadBalancer' ? [] : ['--gateway-service-type']),
    ...settings,
  ]
  return flags.map(flag => ({
    message: `${flag} has an effect only on the east-west gateway for sidecars, which --data-plane ambient does not create`,
    hints: [
      flag === '--expose'
        ? 'in ambient mode, clusters share the Services with the label istio.io/global=true'
        : 'the gateway of ambient mode is a Service of type LoadBalancer; --gateway CTX=annotation=KEY=VALUE sets its annotations',
      `omit ${flag}; a stored setting returns to its default with --reset ${flag.replace(/^--/, '').split(' ')[0]}`,
    ],
  }))
}
