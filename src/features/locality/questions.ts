import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Raw} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {dnsName} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askMany, askText} from '../../terminal/prompts.ts'
import {formatLocality, localityOfNode} from './istio.ts'
import type {localityBalanceFields} from './spec-balance.ts'
import type {localityLabelFields} from './spec-label.ts'
import {placeText} from './spec-texts.ts'

type RawLabel = RawSpec<typeof localityLabelFields>

/** Asks which nodes and where they are, if nobody said it. Returns `raw` itself when there was nothing to ask. */
export async function askLabel(
  raw: RawLabel,
  look: () => Promise<KubernetesObject[]>,
  terminal: Terminal,
): Promise<RawLabel> {
  const chosen = raw.nodes !== undefined || raw.selector !== undefined || raw.all === true
  const sorted = raw.pattern !== undefined || raw.from !== undefined
  if (sorted || (chosen && (raw.region !== undefined || raw.nodes === undefined))) return raw
  const answered: Record<string, Raw> = {...raw}
  if (!chosen) {
    const choices = (await look()).map(({metadata}) => ({
      name: `${metadata.name}   ${formatLocality(localityOfNode(metadata.labels))}`,
      value: metadata.name,
    }))
    answered.nodes = await askMany(terminal, 'Which nodes stand in one place?', choices, 1)
  }
  if (raw.region === undefined) {
    const place = await askText(terminal, {message: 'Where? REGION[/ZONE[/SUBZONE]]:', check: placeText})
    const [region, zone, subzone] = place.split('/')
    Object.assign(answered, {region, zone, subzone})
  }
  return answered as RawLabel
}

type RawBalance = RawSpec<typeof localityBalanceFields>

/** Asks for the host, if there is neither one nor a mesh-wide switch. Returns `raw` itself when there was nothing to ask. */
export async function askBalance(raw: RawBalance, terminal: Terminal): Promise<RawBalance> {
  if (raw.hosts !== undefined || raw.meshWide !== undefined) return raw
  const host = await askText(terminal, {
    message: 'Host whose requests should be served nearby (NAME, NAME.NS.svc or a DNS name):',
    check: dnsName,
  })
  return {...raw, hosts: [host]}
}
