import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {exitCodes, MeshError, type Problem} from '../../../errors.ts'
import {
  childOf,
  formatNode,
  mergeNodes,
  nodeOf,
  withValue,
  type YamlMap,
  type YamlNode,
} from '../../../text/yaml-nodes.ts'
import {placedName} from '../render/objects.ts'
import type {FunctionResult} from './report.ts'

/**
 * Returns items with the objects of a cluster. An object that is among the items gets the fields of both.
 *
 * @throws MeshError (exit 3) if an item and an object have different values for a field
 */
export function withObjects(items: readonly YamlNode[], objects: readonly KubernetesObject[]): YamlNode[] {
  const result = [...items]
  const places = new Map(items.map((item, at) => [keyOfNode(item), at]))
  const problems = objects.flatMap((object): Problem[] => {
    const node = nodeOf(object)
    const at = places.get(keyOfNode(node))
    if (at === undefined) {
      result.push(node)
      return []
    }
    const clashes: string[] = []
    result[at] = mergeNodes(result[at]!, node, [], clashes)
    return clashes.length === 0 ? [] : [clashProblem(object, clashes)]
  })
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return result
}

/** Objects of one API group are the same in all of its versions. */
function keyOfNode(node: YamlNode): string {
  const metadata = childOf(node, 'metadata')
  const texts = [
    childOf(node, 'apiVersion'),
    childOf(node, 'kind'),
    childOf(metadata, 'namespace'),
    childOf(metadata, 'name'),
  ].map(value => (value?.kind === 'scalar' ? value.value : ''))
  return JSON.stringify([texts[0]!.includes('/') ? texts[0]!.split('/')[0] : '', ...texts.slice(1)])
}

function clashProblem(object: KubernetesObject, clashes: readonly string[]): Problem {
  return {
    message: `${placedName(object)}: the item in the list and the mesh documents set ${clashes.join(', ')} to different values`,
    hints: ['remove the item, or change one of the values'],
  }
}

/** Returns a list of the same version without its content. */
export function emptyList(list: YamlMap): YamlMap {
  return {
    ...list,
    items: list.items.filter(({key}) => key.kind === 'scalar' && ['apiVersion', 'kind'].includes(key.value)),
  }
}

/** Returns the text of a list with other items and results. */
export function formatResourceList(
  list: YamlMap,
  items: readonly YamlNode[],
  results: readonly FunctionResult[],
): string {
  const sequence: YamlNode = {...(nodeOf([]) as Extract<YamlNode, {kind: 'sequence'}>), items: [...items]}
  const withItems = withValue(list, 'items', sequence)
  const others = {
    ...withItems,
    items: withItems.items.filter(({key}) => key.kind !== 'scalar' || key.value !== 'results'),
  }
  return formatNode(results.length === 0 ? others : withValue(others, 'results', nodeOf(results)))
}
