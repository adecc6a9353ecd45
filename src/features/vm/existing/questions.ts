import {idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import type {Raw} from '../../../spec/field.ts'
import {readSpec} from '../../../spec/read.ts'
import {askChoice} from '../../../terminal/prompts.ts'
import {readVmRows} from '../list/list.ts'
import {vmRemoveFields} from '../spec.ts'
import {vmRecordName} from '../spec-record.ts'

interface RawName {
  name?: Raw
  namespace?: Raw
  systemNamespace?: Raw
}

/** Asks for a registered VM, unless the input names one. Returns the answers only. */
export async function askVmName(raw: RawName, {access, context, terminal}: Asker): Promise<RawName> {
  if (raw.name !== undefined) return {}
  const {systemNamespace} = readSpec(vmRemoveFields, {systemNamespace: raw.systemNamespace})
  const cluster = await connect(access, context)
  const scope = typeof raw.namespace === 'string' ? {namespace: raw.namespace} : {}
  const [maps, rows] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace: systemNamespace, labelSelector: idLabel}),
    readVmRows(cluster, scope),
  ])
  const records = new Set(maps.map(({metadata}) => metadata.name))
  const found = rows.flatMap(({namespace, group, entry}) =>
    prefixesOf(group ?? entry ?? '')
      .filter(name => records.has(vmRecordName({namespace, name})))
      .map(name => `${namespace}/${name}`),
  )
  const registered = [...new Set(found)].sort()
  // The command reports the missing name.
  if (registered.length === 0) return {}
  const choices = registered.map(value => ({name: value, value}))
  const answer = await askChoice(terminal, 'Which VM?', choices)
  const [namespace, name] = answer.split('/')
  return {name, ...(raw.namespace === undefined ? {namespace} : {})}
}

/** A name, and its parts before each dash: the entry of a VM is named after the VM and its address. */
function prefixesOf(name: string): string[] {
  const words = name.split('-')
  return words.map((_, at) => words.slice(0, words.length - at).join('-'))
}
