import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {isApiService} from '../../engine/kubernetes/api-service.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {askContexts} from '../../mesh/contexts/questions.ts'
import {parseImports} from '../../mesh/services/parse-import.ts'
import {readImports} from '../../mesh/services/read-imports.ts'
import type {Asker} from '../../run/ask-missing.ts'
import {connect} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice} from '../../terminal/prompts.ts'
import {serviceExportFields, serviceListFields, type serviceUnexportFields} from './spec.ts'

type RawExport = RawSpec<typeof serviceExportFields>
type RawUnexport = RawSpec<typeof serviceUnexportFields>

/**
 * Asks for a Service to export and for the importing clusters, unless the input selects them. Returns the answers only.
 */
export async function askExport(raw: RawExport, asker: Asker): Promise<RawExport> {
  const {name, selector, all, watch} = raw
  const isSelected = name !== undefined || selector !== undefined || all || watch
  const selected = isSelected ? {} : await askService(raw, asker)
  // Without a Service to select, the command reports that nothing is selected.
  if (!isSelected && Object.keys(selected).length === 0) return {}
  return {...selected, ...(await askImporters(raw, asker, 'Which clusters should import the services?'))}
}

async function askService(raw: RawExport, {access, terminal}: Asker): Promise<RawExport> {
  const {contexts, systemNamespace, revision, namespace} = raw
  const spec = readSpec(serviceExportFields, {contexts, systemNamespace, revision, namespace})
  const context = spec.contexts[0] ?? ''
  const cluster = await connect(access, context)
  const own = spec.namespace ?? contextInfo(access.kubeconfig, context).namespace
  const inOwn = await servicesIn(cluster, {namespace: own})
  if (inOwn.length > 0 || spec.namespace !== undefined) return askOneOf(inOwn, own, terminal)
  const elsewhere = Map.groupBy(
    (await servicesIn(cluster)).filter(service => !isOfSystem(service, spec.systemNamespace)),
    ({metadata}) => metadata.namespace!,
  )
  if (elsewhere.size === 0) return {}
  const choices = [...elsewhere.keys()].sort().map(value => ({name: value, value}))
  const chosen = await askChoice(terminal, 'In which namespace is the Service?', choices)
  return {namespace: chosen, ...(await askOneOf(elsewhere.get(chosen)!, chosen, terminal))}
}

async function servicesIn(cluster: Cluster, options?: {namespace: string}): Promise<KubernetesObject[]> {
  const services = await cluster.list({apiVersion: 'v1', kind: 'Service'}, options)
  return services.filter(service => !isApiService(service))
}

function isOfSystem({metadata: {namespace = ''}}: KubernetesObject, systemNamespace: string): boolean {
  return namespace === systemNamespace || namespace.startsWith('kube-')
}

async function askOneOf(
  services: readonly KubernetesObject[],
  namespace: string,
  terminal: Terminal,
): Promise<RawExport> {
  if (services.length === 0) return {}
  const choices = services.map(({metadata, spec}) => ({
    name: `${metadata.name}   ${portsOf(spec)}`,
    value: metadata.name,
  }))
  const answer = await askChoice(terminal, `Which Service of namespace ${namespace} should other clusters use?`, [
    ...choices,
    {name: 'all of them', value: ''},
  ])
  return answer === '' ? {all: true} : {name: answer}
}

function portsOf(spec: unknown): string {
  const {ports = []} = (spec ?? {}) as {ports?: {port: number; name?: string}[]}
  return ports.map(({port, name}) => (name === undefined ? `${port}` : `${name} ${port}`)).join(', ')
}

/** Asks for the importing clusters, unless the input names them or several clusters that import from each other. */
async function askImporters(
  raw: Pick<RawUnexport, 'contexts' | 'to' | 'systemNamespace' | 'revision'>,
  asker: Asker,
  message: string,
): Promise<Pick<RawUnexport, 'to'>> {
  const {contexts, to, systemNamespace, revision} = raw
  const exporters = new Set(readSpec(serviceListFields, {contexts}).contexts)
  if (to !== undefined || exporters.size > 1) return {}
  const without = exporters.size > 0 ? [...exporters] : [asker.access.kubeconfig.currentContext]
  const question = {message, atLeast: 1, without, needsIstio: true}
  return {to: await askContexts({systemNamespace, revision}, asker, question)}
}

/**
 * Asks for the clusters that stop importing and for an exported service to withdraw, unless the input selects them. Returns the
 * answers only.
 */
export async function askUnexport(raw: RawUnexport, asker: Asker): Promise<RawUnexport> {
  const importers = await askImporters(raw, asker, 'Which clusters should stop importing the service?')
  if (raw.name !== undefined || raw.all) return importers
  return {...importers, ...(await askImported({...raw, ...importers}, asker))}
}

async function askImported(raw: RawUnexport, {access, terminal}: Asker): Promise<RawUnexport> {
  const {contexts, clusterName, systemNamespace, revision} = raw
  const spec = readSpec(serviceListFields, {contexts: raw.to ?? contexts, clusterName, systemNamespace, revision})
  const read = await Promise.all(
    (spec.contexts.length > 0 ? spec.contexts : ['']).map(async context =>
      readImports(await connect(access, context), spec),
    ),
  )
  const namespace = raw.namespace
  const found = parseImports(read.flat())
    .imports.map(({imported}) => imported)
    .filter(imported => namespace === undefined || imported.namespace === namespace)
    .map(imported => `${imported.namespace}/${imported.name}`)
  const choices = [...new Set(found)].sort().map(value => ({name: value, value}))
  // The command reports that nothing is selected.
  if (choices.length === 0) return {}
  const answer = await askChoice(terminal, 'Which service should no longer be exported?', choices)
  const [place, name] = answer.split('/')
  return {name, ...(namespace === undefined ? {namespace: place} : {})}
}
