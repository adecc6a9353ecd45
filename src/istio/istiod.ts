import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** The container that runs istiod (manifests/charts/istio-control/istio-discovery/templates/deployment.yaml, 1.24–1.31). */
interface IstiodContainer {
  name: string
  image?: string
  env?: {name: string; value?: string}[]
}

/**
 * The container `discovery` of istiod's Deployment, or undefined if the Deployment has none.
 *
 * @param deployment of istiod
 */
export function istiodContainer(deployment: KubernetesObject): IstiodContainer | undefined {
  const spec = deployment.spec as {template?: {spec?: {containers?: IstiodContainer[]}}} | undefined
  return spec?.template?.spec?.containers?.find(({name}) => name === 'discovery')
}

/**
 * The environment variables of istiod. Variables that take their value from a field or a Secret are undefined.
 *
 * @param deployment of istiod
 */
export function istiodEnv(deployment: KubernetesObject): Record<string, string | undefined> {
  return Object.fromEntries((istiodContainer(deployment)?.env ?? []).map(({name, value}) => [name, value]))
}

/**
 * Returns the value of a variable that istiod parses with Go's strconv.ParseBool. Undefined for a text that it does not accept: istiod
 * then uses its default.
 */
export function goBool(value: string | undefined): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value ?? '')) return true
  return /^(?:0|f|F|false|FALSE|False)$/.test(value ?? '') ? false : undefined
}
