import {YAMLException} from 'js-yaml'
import {usageError} from '../../../errors.ts'
import {meshFileVersion} from '../../../spec/documents/kind.ts'
import {isMap} from '../../../text/json.ts'
import {childOf, formatNode, parseNode, type YamlMap, type YamlNode} from '../../../text/yaml-nodes.ts'
import {loadDocuments, type YamlDocument} from '../../../text/yaml-reading/documents.ts'
import {type Engine, engines} from '../render/spec.ts'

/** The list that a function reads and writes (KRM Functions Specification v1). */
export interface ResourceList {
  /** The list as it was read. */
  node: YamlMap
  items: ListItem[]
  /** `functionConfig`, if it is a mesh document that is not among the items. */
  config: ListItem | undefined
  choice: FunctionChoice
}

/** An item of a list. */
export interface ListItem {
  node: YamlNode
  /** Set for a document of kubectl-mesh. */
  mesh?: MeshItem
}

/** A document of kubectl-mesh in a list. */
export interface MeshItem {
  /** Path of its file if the list has it, otherwise its place in the list. */
  file: string
  yaml: YamlDocument
  /** How the results of the function refer to it. Undefined if it has no name. */
  ref: {apiVersion: string; kind: string; name: string} | undefined
  /** Its path and its position there, from annotations of kustomize and kpt. */
  source: {path: string; index?: number} | undefined
}

/** What the function puts out. */
export interface FunctionChoice {
  /** Cluster whose objects it adds. Undefined if the documents concern only one. */
  cluster: string | undefined
  engine: Engine
}

/** The flags of `mesh fn` that choose the objects. */
export interface FunctionFlags {
  cluster?: string | undefined
  for?: Engine | undefined
}

const listVersions = /^config\.kubernetes\.io\/v1(?:beta1|alpha1)?$/
const group = meshFileVersion.slice(0, meshFileVersion.indexOf('/') + 1)

/**
 * Reads the list that a function gets.
 *
 * @throws MeshError (exit 2) for another text, and for a `functionConfig` that is neither a ConfigMap nor a document of kubectl-mesh
 */
export function readResourceList(text: string, flags: FunctionFlags): ResourceList {
  const node = listNode(text)
  const list = childOf(node, 'items')
  if (list?.kind !== 'sequence' && !isEmpty(list)) throw usageError('items of the ResourceList is not a list')
  const items = (list?.kind === 'sequence' ? list.items : []).map((item, at) => itemOf(item, `items[${at}]`))
  const config = childOf(node, 'functionConfig')
  if (isEmpty(config)) return {node, items, config: undefined, choice: choiceOf(flags)}
  const {mesh, ...own} = itemOf(config!, 'functionConfig')
  if (!mesh) return {node, items, config: undefined, choice: choiceOf(flags, configValues(config!))}
  // kustomize passes a generator its configuration as an item too.
  const isItem = items.some(item => item.mesh && isSameRef(item.mesh, mesh))
  return {node, items, config: isItem ? undefined : {...own, mesh}, choice: choiceOf(flags)}
}

function listNode(text: string): YamlMap {
  const node = parsed(() => parseNode(text), 'stdin')
  const isList = textOf(node, 'kind') === 'ResourceList' && listVersions.test(textOf(node, 'apiVersion'))
  if (node.kind === 'mapping' && isList) return node
  throw usageError('stdin is not a ResourceList', 'expected: apiVersion config.kubernetes.io/v1, kind ResourceList')
}

function parsed<T>(parse: () => T, place: string): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof YAMLException) throw usageError(`${place} is not valid YAML: ${error.reason}`)
    throw error
  }
}

function textOf(node: YamlNode | undefined, key: string): string {
  const value = childOf(node, key)
  return value?.kind === 'scalar' ? value.value : ''
}

function isEmpty(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.tag === 'tag:yaml.org,2002:null')
}

function itemOf(node: YamlNode, place: string): ListItem {
  const apiVersion = textOf(node, 'apiVersion')
  if (!apiVersion.startsWith(group)) return {node}
  const metadata = childOf(node, 'metadata')
  const [kind, name] = [textOf(node, 'kind'), textOf(metadata, 'name')]
  const source = sourceOf(childOf(metadata, 'annotations'))
  const [yaml] = parsed(() => loadDocuments(formatNode(node)), place)
  return {
    node,
    mesh: {
      file: source?.path ?? place,
      yaml: yaml!,
      ref: kind === '' || name === '' ? undefined : {apiVersion, kind, name},
      source,
    },
  }
}

/** The path is only shown. One that does not look like a path is not used. */
function sourceOf(annotations: YamlNode | undefined): MeshItem['source'] {
  const valueIn = (name: string) =>
    textOf(annotations, `internal.config.kubernetes.io/${name}`) || textOf(annotations, `config.kubernetes.io/${name}`)
  const path = valueIn('path')
  if (!/^[\w.][\w./-]{0,199}$/.test(path)) return undefined
  const index = valueIn('index')
  return {path, ...(/^\d{1,6}$/.test(index) ? {index: Number(index)} : {})}
}

function isSameRef(first: MeshItem, second: MeshItem): boolean {
  const keyOf = ({yaml: {value}}: MeshItem) => {
    const {apiVersion, kind, metadata} = value as Record<string, unknown>
    return JSON.stringify([apiVersion, kind, isMap(metadata) ? (metadata.name ?? '') : ''])
  }
  return keyOf(first) === keyOf(second)
}

const configKeys = ['cluster', 'for']

/** The values of a ConfigMap, as functions are configured that have no kind. */
function configValues(config: YamlNode): FunctionFlags {
  if (textOf(config, 'kind') !== 'ConfigMap' || textOf(config, 'apiVersion') !== 'v1')
    throw usageError(`functionConfig is neither a ConfigMap nor a document of ${meshFileVersion}`)
  const data = childOf(config, 'data')
  const keys = (data?.kind === 'mapping' ? data.items : []).map(({key}) => (key.kind === 'scalar' ? key.value : ''))
  const unknown = keys.find(key => !configKeys.includes(key))
  if (unknown !== undefined)
    throw usageError(
      `functionConfig: data.${unknown.slice(0, 100)} is not a known key`,
      `known keys: ${configKeys.join(', ')}`,
    )
  const engine = engines.find(one => one === textOf(data, 'for'))
  if (keys.includes('for') && !engine)
    throw usageError('functionConfig: data.for is not a known tool', `tools: ${engines.join(', ')}`)
  return {for: engine, cluster: keys.includes('cluster') ? textOf(data, 'cluster') : undefined}
}

function choiceOf(flags: FunctionFlags, config: FunctionFlags = {}): FunctionChoice {
  const cluster = flags.cluster ?? config.cluster
  if (cluster === '') throw usageError('the name of the cluster is empty')
  return {cluster, engine: flags.for ?? config.for ?? 'kustomize'}
}
