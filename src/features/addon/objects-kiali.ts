import {createHash} from 'node:crypto'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {refusedError} from '../../errors.ts'
import {isKiali} from '../../istio/kiali.ts'
import {dumpYaml, loadYaml} from '../../text/yaml.ts'
import {
  hasLogin,
  type KialiSettings,
  type KialiValues,
  kialiConfigKey,
  kialiValues,
  signingKeyFile,
  signingKeyMount,
  signingKeyName,
  signingKeySecret,
  versionOfWorkload,
} from './istio-kiali.ts'
import type {AddonPlace} from './objects-adapt.ts'

type Fields = Record<string, unknown>

/**
 * Returns the objects of Kiali with its settings: in its configuration, with a checksum that restarts its pods when it changes,
 * and with the mount of the key that signs sessions, if Kiali has a login.
 *
 * @param objects adapted to the namespace
 * @throws MeshError (exit 3) for a manifest without the ConfigMap or the Deployment of Kiali
 */
export function withKialiSettings(
  objects: readonly KubernetesObject[],
  settings: KialiSettings,
  place: AddonPlace,
): KubernetesObject[] {
  const deployment = objects.find(({kind, metadata}) => kind === 'Deployment' && isKiali(metadata.labels))
  const map = objects.find(({kind, data}) => kind === 'ConfigMap' && kialiConfigKey in ((data ?? {}) as object))
  if (!deployment || !map)
    throw refusedError(
      `the manifest of kiali has no ${deployment ? `ConfigMap with the key ${kialiConfigKey}` : 'Deployment labelled app=kiali'}`,
      'use the manifest of an Istio release, or the chart kiali-server; the Kiali operator installs Kiali by itself',
    )
  const before = (map.data as Record<string, string>)[kialiConfigKey]!
  const text = configWith(before, kialiValues(settings, place, versionOfWorkload(deployment)))
  const signed = hasLogin(settings.auth) ? withSigningKey(deployment) : deployment
  const workload = text === before ? signed : withChecksum(signed, text)
  const config = {...map, data: {...(map.data as object), [kialiConfigKey]: text}}
  return objects.map(object => (object === map ? config : object === deployment ? workload : object))
}

/** Returns the text itself if it has all values already. */
function configWith(text: string, values: KialiValues): string {
  const config = mapping(loadYaml(text))
  const changed = values.filter(([path, value]) => valueAt(config, path.split('.')) !== value)
  if (changed.length === 0) return text
  return dumpYaml(changed.reduce((all, [path, value]) => withValue(all, path.split('.'), value), config))
}

function valueAt(fields: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => mapping(value)[key], fields)
}

function withValue(fields: Fields, [key = '', ...rest]: readonly string[], value: unknown): Fields {
  return {...fields, [key]: rest.length === 0 ? value : withValue(mapping(fields[key]), rest, value)}
}

function mapping(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

interface PodTemplate {
  metadata?: {annotations?: Record<string, string>}
  spec: {containers: {name: string; volumeMounts?: object[]}[]; volumes?: object[]}
}

function withTemplate(deployment: KubernetesObject, change: (template: PodTemplate) => PodTemplate): KubernetesObject {
  const spec = deployment.spec as {template: PodTemplate}
  return {...deployment, spec: {...spec, template: change(spec.template)}}
}

/** The annotation of the chart. */
function withChecksum(deployment: KubernetesObject, config: string): KubernetesObject {
  const checksum = createHash('sha256').update(config).digest('hex')
  return withTemplate(deployment, ({metadata, ...template}) => ({
    ...template,
    metadata: {...metadata, annotations: {...metadata?.annotations, 'checksum/config': checksum}},
  }))
}

/** The chart creates the same mount for the value `secret:NAME:KEY`. */
function withSigningKey(deployment: KubernetesObject): KubernetesObject {
  const name = 'login-token-signing-key'
  const items = [{key: signingKeyName, path: signingKeyFile}]
  return withTemplate(deployment, ({spec, ...template}) => {
    const [kiali, ...others] = spec.containers
    const mounts = [...(kiali!.volumeMounts ?? []), {name, mountPath: signingKeyMount, readOnly: true}]
    const volumes = [...(spec.volumes ?? []), {name, secret: {secretName: signingKeySecret, items}}]
    return {...template, spec: {...spec, containers: [{...kiali!, volumeMounts: mounts}, ...others], volumes}}
  })
}
