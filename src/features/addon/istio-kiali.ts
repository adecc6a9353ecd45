import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {tagOf} from '../../istio/control-plane.ts'
import {revisioned} from '../../istio/names.ts'
import type {AddonPlace} from './objects-adapt.ts'
import type {AddonInstall} from './spec.ts'

/** The settings of Kiali, and what decides their defaults. */
export type KialiSettings = Pick<
  AddonInstall,
  | 'revision'
  | 'auth'
  | 'openidIssuer'
  | 'openidClientId'
  | 'openidUsernameClaim'
  | 'openidSharedAccess'
  | 'prometheusUrl'
  | 'grafanaUrl'
  | 'tracingUrl'
> & {
  /** Jaeger is an add-on in the same namespace. */
  hasJaeger: boolean
}

/** The key with the configuration in ConfigMap `kiali` (chart kiali-server 2.27). */
export const kialiConfigKey = 'config.yaml'

/** The Secret with the key that signs sessions. The manifests of Istio contain a key that everyone knows. */
export const signingKeySecret = 'kiali-signing-key'
/** Key in that Secret. */
export const signingKeyName = 'key'

/** Where Kiali reads the key, and how its configuration names the Secret (kiali config/config.go; chart kiali-server 2.27). */
export const signingKeyMount = '/kiali-override-secrets/login-token-signing-key'
export const signingKeyFile = 'value.txt'

/** Values of Kiali's configuration by path. */
export type KialiValues = readonly (readonly [path: string, value: unknown])[]

/**
 * Returns the values of Kiali's configuration that differ from those in Istio's manifests.
 *
 * Since Kiali 2.14, it finds istiods by itself, and ignores the names of their objects (kiali.io, release notes 2.14).
 *
 * @param version of Kiali: `2.27.0`
 */
export function kialiValues(settings: KialiSettings, place: AddonPlace, version: string | undefined): KialiValues {
  const {namespace, systemNamespace} = place
  const {auth, revision} = settings
  const isMoved = namespace !== 'istio-system'
  const service = (address: string) => (isMoved ? `http://${address}` : undefined)
  const names: KialiValues = findsIstiods(version)
    ? []
    : [
        ['external_services.istio.istiod_deployment_name', revisioned('istiod', revision)],
        ['external_services.istio.config_map_name', revisioned('istio', revision)],
        [
          'external_services.istio.istio_sidecar_injector_config_map_name',
          revisioned('istio-sidecar-injector', revision),
        ],
        [
          'external_services.istio.url_service_version',
          `http://${revisioned('istiod', revision)}.${systemNamespace}:15014/version`,
        ],
      ]
  const tracing = settings.tracingUrl ?? (settings.hasJaeger ? service(`tracing.${namespace}:16685/jaeger`) : undefined)
  const all: KialiValues = [
    ['deployment.namespace', namespace],
    ['external_services.istio.root_namespace', systemNamespace],
    ...names,
    ['external_services.prometheus.url', settings.prometheusUrl ?? service(`prometheus.${namespace}:9090`)],
    ['external_services.grafana.external_url', settings.grafanaUrl],
    ['external_services.grafana.internal_url', service(`grafana.${namespace}:3000`)],
    ['external_services.tracing.enabled', settings.hasJaeger || settings.tracingUrl !== undefined ? true : undefined],
    ['external_services.tracing.internal_url', tracing],
    ['auth.strategy', auth],
    ['auth.openid.issuer_uri', settings.openidIssuer],
    ['auth.openid.client_id', settings.openidClientId],
    ['auth.openid.username_claim', settings.openidUsernameClaim],
    ['auth.openid.disable_rbac', settings.openidSharedAccess || undefined],
    ['login_token.signing_key', hasLogin(auth) ? `secret:${signingKeySecret}:${signingKeyName}` : undefined],
  ]
  return all.filter(([, value]) => value !== undefined)
}

/** Returns whether Kiali has sessions to sign. */
export function hasLogin(auth: AddonInstall['auth']): boolean {
  return auth === 'token' || auth === 'openid'
}

function findsIstiods(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? []
  // An unknown version is a recent one: Istio 1.24 and newer contain Kiali 2.
  return major === undefined || Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 14)
}

/** Returns the version of a workload: that of the label, otherwise the tag of its first image. */
export function versionOfWorkload({metadata, spec}: KubernetesObject): string | undefined {
  const {template} = (spec ?? {}) as {template?: {spec?: {containers?: {image?: string}[]}}}
  const labelled = metadata.labels?.['app.kubernetes.io/version']
  return (labelled ?? tagOf(template?.spec?.containers?.[0]?.image))?.replace(/^v(?=\d)/, '')
}
