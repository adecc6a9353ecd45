import type {Manager} from '../engine/kubernetes/manager.ts'
import {contextFlags} from '../spec/context-ref.ts'
import type {Json} from '../text/json.ts'
import {shellWord} from '../text/shell-word.ts'

/** A value of Istio's chart istiod, such as `global.meshID`. */
export interface HelmValue {
  path: string
  value: Json
}

/** The control plane whose values a user has to change. */
export interface HintTarget {
  context: string
  systemNamespace: string
  revision: string | undefined
  /** Version of istiod; undefined or a text if it is unknown. */
  version: string | undefined
  manager: Manager | undefined
  /** Helm chart whose values have to change (default `istio/istiod`). */
  chart?: string
}

/**
 * Returns how to change values of an existing control plane, so that it keeps all others: `istioctl install` and `helm upgrade`
 * reset values that they are not given. Hints never change the identities of workloads: no caller sets `meshConfig.trustDomain`.
 *
 * @param target its `manager` decides which tool the hint is for
 */
export function valueHints(target: HintTarget, values: readonly HelmValue[]): string[] {
  return target.manager ? [managedValueHint(target.manager, values, target)] : istioctlHints(target, values)
}

/**
 * The same for a tool that is not istioctl.
 *
 * @param target undefined if only the manager is known
 */
export function managedValueHint(manager: Manager, values: readonly HelmValue[], target?: HintTarget): string {
  if (isSail(manager)) return sailHint(manager, values, target)
  if (manager.tool === 'aks-istio') return aksHint(values, target)
  if (manager.release) return helmHint(manager.release, values, target)
  const list = values.map(({path, value}) => `${path} to ${JSON.stringify(value)}`).join(', ')
  return `set ${list} in the values that ${manager.name} applies`
}

/** Whether the Sail operator manages an object. */
export function isSail({owner}: Manager): boolean {
  return owner?.startsWith('sailoperator.io/') ?? false
}

/**
 * AKS merges a ConfigMap of the user with the mesh config of its add-on. Its other values have no setting, and it does not support
 * meshes of several clusters (Microsoft Learn, "Configure Istio-based service mesh add-on" and its limitations, 2025).
 */
function aksHint(values: readonly HelmValue[], target: HintTarget | undefined): string {
  const isInMesh = ({path}: HelmValue) => path.startsWith('meshConfig.')
  const fixed = values.filter(value => !isInMesh(value)).map(({path}) => path)
  if (fixed.length > 0)
    return `the Istio add-on of AKS has no setting for ${fixed.join(', ')}; for a mesh of several clusters, install Istio without the add-on`
  const list = values
    .map(({path, value}) => `${path.replace('meshConfig.', '')} to ${JSON.stringify(value)}`)
    .join(', ')
  return `set ${list} in ConfigMap istio-shared-configmap-${target?.revision ?? 'REVISION'}, whose mesh config the add-on reads`
}

/** Without its version, `helm upgrade` would also upgrade istiod to the newest chart. */
function helmHint(
  {name, namespace}: NonNullable<Manager['release']>,
  values: readonly HelmValue[],
  target: HintTarget | undefined,
): string {
  const context = target ? ` ${contextFlags(target.context, '--kube-context')}` : ''
  const words = ['-n', namespace, '--version', chartVersion(target), '--reuse-values', ...values.flatMap(helmFlag)]
  return `helm upgrade ${shellWord(name)} ${shellWord(target?.chart ?? 'istio/istiod')}${context} ${words.map(shellWord).join(' ')}`
}

function chartVersion(target: HintTarget | undefined): string {
  return /^\d+\.\d+\.\d+$/.test(target?.version ?? '') ? target!.version! : 'VERSION'
}

/** `--set` turns `123` and `true` into other types, and splits at commas. */
function helmFlag({path, value}: HelmValue): [flag: string, text: string] {
  const isPlain = typeof value === 'string' && /^[A-Za-z][\w./:-]*$/.test(value) && !/^(true|false|null)$/i.test(value)
  return isPlain ? ['--set', `${path}=${value}`] : ['--set-json', `${path}=${JSON.stringify(value)}`]
}

/** The operator reads the values only from the resource Istio, whose revisions are named after it and the version. */
function sailHint({resource}: Manager, values: readonly HelmValue[], target: HintTarget | undefined): string {
  const tree = valueTree(values)
  if (!resource || !target) return `set in spec.values of the resource Istio: ${JSON.stringify(tree)}`
  const name = resource.kind === 'Istio' ? resource.name : resource.name.replace(/-v\d+-\d+-\d+.*$/, '')
  const patch = JSON.stringify({spec: {values: tree}})
  return `kubectl ${contextFlags(target.context)} patch istio ${shellWord(name)} --type merge -p ${shellWord(patch)}`
}

function valueTree(values: readonly HelmValue[]): {[key: string]: Json} {
  const tree: {[key: string]: Json} = {}
  for (const {path, value} of values) putValue(tree, path.split('.'), value)
  return tree
}

function putValue(tree: {[key: string]: Json}, [key = '', ...inner]: readonly string[], value: Json): void {
  if (inner.length === 0) {
    tree[key] = value
    return
  }
  const below = (tree[key] ?? {}) as {[key: string]: Json}
  tree[key] = below
  putValue(below, inner, value)
}

/** istioctl keeps nothing of an earlier run: all that its files and flags omit returns to the profile (1.24 and later). */
function istioctlHints(target: HintTarget, values: readonly HelmValue[]): string[] {
  const {context, systemNamespace, revision} = target
  const configMap = revision === undefined ? 'values' : `values-${revision}`
  const live = `kubectl ${contextFlags(context)} -n ${shellWord(systemNamespace)} get configmap ${shellWord(configMap)}`
  return [
    istioctlInstall(target, values, '-f YOUR-FILE.yaml'),
    `YOUR-FILE.yaml is the file with which Istio was installed: istioctl resets all that it omits. Values in use: ${live} -o jsonpath='{.data.original-values}'`,
  ]
}

/**
 * Returns an `istioctl install` command.
 *
 * @param flags before the values; '' for a cluster without a control plane
 */
export function istioctlInstall(
  {context, systemNamespace, revision}: Omit<HintTarget, 'manager' | 'version'>,
  values: readonly HelmValue[],
  flags = '',
): string {
  const all =
    systemNamespace === 'istio-system' ? values : [...values, {path: 'global.istioNamespace', value: systemNamespace}]
  const words = [
    ...(flags ? [flags] : []),
    ...(revision ? [`--revision ${shellWord(revision)}`] : []),
    ...all.flatMap(istioctlSettings).map(setting => `--set ${shellWord(setting)}`),
  ]
  return `istioctl install ${contextFlags(context)} ${words.join(' ')}`
}

/** istioctl has its own place for the mesh config and the profile, and one flag per element of a list. */
function istioctlSettings({path, value}: HelmValue): string[] {
  const name = path === 'profile' || path.startsWith('meshConfig.') ? path : `values.${path}`
  return Array.isArray(value) ? value.map((one, at) => `${name}[${at}]=${one}`) : [`${name}=${value}`]
}
