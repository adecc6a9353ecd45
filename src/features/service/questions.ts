import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {parseImports} from '../../mesh/services/parse-import.ts'
import {readImports} from '../../mesh/services/read-imports.ts'
import type {Asker} from '../../run/ask-missing.ts'
import {connect} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {askChoice} from '../../terminal/prompts.ts'
import {serviceExportFields, serviceListFields, type serviceUnexportFields} from './spec.ts'

type RawExport = RawSpec<typeof serviceExportFields>
type RawUnexport = RawSpec<typeof serviceUnexportFields>

/** Asks for a Service to export, unless the input selects some. Returns the answers only. */
export async function askExport(raw: RawExport, {access, terminal}: Asker): Promise<RawExport> {
  const {name, selector, all, watch} = raw
  if (name !== undefined || selector !== undefined || all || watch) return {}
  const {contexts, systemNamespace, revision, namespace} = raw
  const spec = readSpec(serviceExportFields, {contexts, systemNamespace, revision, namespace})
  const context = spec.contexts[0] ?? ''
  const cluster = await connect(access, context)
  const within = spec.namespace ?? contextInfo(access.kubeconfig, context).namespace
  const services = await cluster.list({apiVersion: 'v1', kind: 'Service'}, {namespace: within})
  // The command reports that nothing is selected.
  if (services.length === 0) return {}
  const choices = services.map(({metadata, spec: service}) => ({
    name: `${metadata.name}   ${portsOf(service)}`,
    value: metadata.name,
  }))
  const answer = await askChoice(terminal, `Which Service of namespace ${within} should other clusters use?`, [
    ...choices,
    {name: 'all of them', value: ''},
  ])
  return answer === '' ? {all: true} : {name: answer}
}

function portsOf(spec: unknown): string {
  const {ports = []} = (spec ?? {}) as {ports?: {port: number; name?: string}[]}
  return ports.map(({port, name}) => (name === undefined ? `${port}` : `${name} ${port}`)).join(', ')
}

/** Asks for an exported service to withdraw, unless the input selects some. Returns the answers only. */
export async function askUnexport(raw: RawUnexport, {access, terminal}: Asker): Promise<RawUnexport> {
  if (raw.name !== undefined || raw.all) return {}
  const {contexts, clusterName, systemNamespace, revision} = raw
  const spec = readSpec(serviceListFields, {contexts: raw.to ?? contexts, clusterName, systemNamespace, revision})
  const read = await Promise.all(
    (spec.contexts.length > 0 ? spec.contexts : ['']).map(async context =>
      readImports(await connect(access, context), spec),
    ),
  )
  const found = parseImports(read.flat()).imports.map(({imported}) => `${imported.namespace}/${imported.name}`)
  const choices = [...new Set(found)].sort().map(value => ({name: value, value}))
  // The command reports that nothing is selected.
  if (choices.length === 0) return {}
  const answer = await askChoice(terminal, 'Which service should no longer be exported?', choices)
  const [namespace, name] = answer.split('/')
  return {name, ...(raw.namespace === undefined ? {namespace} : {})}
}
