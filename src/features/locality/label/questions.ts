import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Raw} from '../../../spec/field.ts'
import type {RawSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askMany, askText} from '../../../terminal/prompts.ts'
import {formatLocality, localityOfNode} from '../istio.ts'
import {localityText} from '../spec-texts.ts'
import {readLabelUndo} from './objects-undo.ts'
import type {localityLabelFields} from './spec.ts'
import type {localityUnlabelFields} from './spec-unlabel.ts'

type RawLabel = RawSpec<typeof localityLabelFields>

/**
 * Asks for the nodes and their locality, if they are missing. Returns `raw` itself if nothing is missing.
 *
 * @param readNodes called only if the user must select nodes
 */
export async function askLabel(
  raw: RawLabel,
  readNodes: () => Promise<KubernetesObject[]>,
  terminal: Terminal,
): Promise<RawLabel> {
  const selectsNodes = raw.nodes !== undefined || raw.selector !== undefined || raw.all === true
  const listsLocalities = raw.pattern !== undefined || raw.from !== undefined
  // With a selector, the deprecated labels are translated if no locality is set.
  const isComplete = selectsNodes && (raw.region !== undefined || raw.nodes === undefined)
  if (listsLocalities || isComplete) return raw
  const answered: Record<string, Raw> = {...raw}
  if (!selectsNodes)
    answered.nodes = await askMany(terminal, 'Which nodes are in the same locality?', choicesOf(await readNodes()), 1)
  if (raw.region === undefined) {
    const message = 'In which locality are these nodes (REGION[/ZONE[/SUBZONE]])?'
    const locality = await askText(terminal, {message, check: localityText})
    const [region, zone, subzone] = locality.split('/')
    Object.assign(answered, {region, zone, subzone})
  }
  return answered as RawLabel
}

/**
 * Asks for the nodes whose labels are restored, if none are selected. Only nodes with a record are choices.
 *
 * @param readNodes called only if the user must select nodes
 */
export async function askUnlabel(
  raw: RawSpec<typeof localityUnlabelFields>,
  readNodes: () => Promise<KubernetesObject[]>,
  terminal: Terminal,
): Promise<RawSpec<typeof localityUnlabelFields>> {
  if (raw.nodes !== undefined || raw.selector !== undefined || raw.all === true) return raw
  const labelled = (await readNodes()).filter(readLabelUndo)
  if (labelled.length === 0) return {...raw, all: true}
  return {...raw, nodes: await askMany(terminal, 'Which nodes should get their former labels?', choicesOf(labelled), 1)}
}

function choicesOf(nodes: readonly KubernetesObject[]) {
  return nodes.map(({metadata}) => ({
    name: `${metadata.name}   ${formatLocality(localityOfNode(metadata.labels))}`,
    value: metadata.name,
  }))
}
