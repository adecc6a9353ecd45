import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change} from '../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {pathsData} from '../../mesh/exported/exported.ts'
import {settingsData} from '../../spec/settings.ts'
import {hasLogin, signingKeyName, signingKeySecret} from './istio-kiali.ts'
import {addonKinds, isWorkload} from './manifest.ts'
import {adaptObjects} from './objects-adapt.ts'
import {withKialiSettings} from './objects-kiali.ts'
import {type AddonInstall, addonInstallFields} from './spec.ts'
import type {AddonName} from './spec-names.ts'

const recordPrefix = 'kubectl-mesh-addon-'

/**
 * The ApplySet of an add-on. Its record is in the system namespace, because administrators of the namespace of the add-on can
 * write every ConfigMap there.
 */
export function addonApplySet(name: AddonName, {systemNamespace}: {systemNamespace: string}): ApplySet {
  return {name: `${recordPrefix}${name}`, namespace: systemNamespace, kinds: addonKinds}
}

/** Returns the add-on whose record a ConfigMap is. */
export function addonOfRecord({metadata: {name}}: KubernetesObject): string | undefined {
  return name.startsWith(recordPrefix) ? name.slice(recordPrefix.length) : undefined
}

/** An add-on to install. */
export interface Addon {
  name: AddonName
  /** Name of the cluster in output. */
  cluster: string
  spec: AddonInstall & {namespace: string}
  /** As its authors wrote them. */
  manifest: readonly KubernetesObject[]
  /** Jaeger is, or becomes, an add-on of the same namespace. */
  hasJaeger: boolean
  /** The key that signs sessions of Kiali: base64. Undefined while it is not known. */
  signingKey: string | undefined
}

/**
 * Returns the changes that install add-ons: their namespaces, then for each its record and its objects, workloads last.
 *
 * @throws MeshError (exit 3) for a manifest of Kiali that is not known
 */
export function buildAddons(addons: readonly Addon[]): Change[] {
  const places = new Map(addons.map(({cluster, spec: {namespace}}) => [namespace, cluster]))
  return [
    ...[...places].map(
      ([name, cluster]): Change => ({
        action: 'edit',
        cluster,
        wave: waves.namespaces,
        target: {apiVersion: 'v1', kind: 'Namespace', name},
        edits: [],
        create: true,
      }),
    ),
    ...addons.flatMap(buildAddon),
  ]
}

function buildAddon(addon: Addon): Change[] {
  const {name, cluster, spec} = addon
  const {namespace} = spec
  const memberOf = addonApplySet(name, spec)
  const adapted = adaptObjects(addon.manifest, spec)
  const objects = name === 'kiali' ? withKialiSettings(adapted, {...spec, hasJaeger: addon.hasJaeger}, spec) : adapted
  return [
    applySetParent(memberOf, cluster, {
      addon: name,
      cluster,
      namespace,
      ...settingsData(addonInstallFields, spec),
      ...pathsData({from: spec.from, values: spec.values}),
    }),
    ...(name === 'kiali' && hasLogin(spec.auth) ? [signingKeyOf(addon, memberOf)] : []),
    ...objects.map((object): Apply => {
      const wave = isWorkload(object) ? waves.gateways : waves.controlPlane
      return {action: 'apply', cluster, wave, object, memberOf}
    }),
  ]
}

function signingKeyOf({cluster, spec: {namespace}, signingKey}: Addon, memberOf: ApplySet): Apply {
  const metadata = {name: signingKeySecret, namespace, labels: managedByLabels}
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'Opaque',
    data: {[signingKeyName]: signingKey ?? ''},
  }
  const pending = signingKey === undefined ? {pending: 'the key that signs sessions is created during apply'} : {}
  return {action: 'apply', cluster, wave: waves.controlPlane, object, memberOf, ...pending}
}
