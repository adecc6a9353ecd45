import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {askChoice} from '../../../terminal/prompts.ts'
import {readWorkloads} from '../list.ts'
import {type AddonRow, addonRows} from '../report.ts'
import {interfaces} from './istio-addons.ts'
import {addonOpenFields} from './spec.ts'

type RawOpen = RawSpec<typeof addonOpenFields>

/** Asks for one of the add-ons with a user interface, unless the input names the only one. Returns the answers only. */
export async function askOpen(raw: RawOpen, {access, context, terminal}: Asker): Promise<RawOpen> {
  if (raw.name !== undefined && raw.namespace !== undefined) return {}
  const rows = addonRows([], await readWorkloads(await connect(access, context))).filter(
    ({name, namespace}) =>
      Object.hasOwn(interfaces, name) &&
      (raw.name === undefined || raw.name === name) &&
      (raw.namespace === undefined || raw.namespace === namespace),
  )
  const wanted = raw.name ?? addonOpenFields.name.fallback
  // The command itself reports that there is none.
  if (rows.every(({name}) => name === wanted) && rows.length < 2) return {}
  const answer = await askChoice(
    terminal,
    'Which add-on?',
    rows.map((row, at) => ({name: textOf(row), value: String(at)})),
  )
  const {name, namespace} = rows[Number(answer)]!
  const isAmbiguous = rows.filter(row => row.name === name).length > 1
  return {
    ...(raw.name === undefined ? {name} : {}),
    ...(raw.namespace === undefined && isAmbiguous ? {namespace} : {}),
  }
}

function textOf({name, namespace, version, ready, replicas}: AddonRow): string {
  const facts = [`namespace ${namespace}`, ...(version === null ? [] : [version]), `${ready}/${replicas} ready`]
  return `${name}   ${facts.join(', ')}`
}
