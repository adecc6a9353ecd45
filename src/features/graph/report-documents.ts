import {clusterNameFrom} from '../../spec/context-ref.ts'
import type {MeshDocument} from '../../spec/documents/document.ts'
import type {Graph, GraphCluster, GraphLink, GraphResource} from './report-types.ts'

/** A document, with the values of its fields as flags accept them. */
type GraphDocument = Pick<MeshDocument, 'name' | 'context' | 'spec'> & {kind: string}

/** What a federation describes. */
interface Federation {
  contexts: readonly string[]
  mode: string
  primary: string | undefined
  names: Readonly<Record<string, string>>
  networks: Readonly<Record<string, string>>
}

/**
 * Returns the graph of what mesh files describe. It contains only what is in the files: a name or a network that would be read
 * from a cluster is missing, and nothing has a state.
 */
export function graphOfDocuments(all: readonly MeshDocument[]): Graph {
  const documents = all.map(withFlagValues)
  const federations = documents.filter(({kind}) => kind === 'Federation').map(federationOf)
  const contexts = [...new Set([...federations.flatMap(one => one.contexts), ...documents.flatMap(contextsOf)])]
  const names = namesOf(contexts, federations, documents)
  const modes = new Set(federations.map(({mode}) => mode))
  return {
    mode: modes.size === 1 ? [...modes][0]! : null,
    time: null,
    clusters: contexts.map(context => clusterOf(context, names, federations, documents)),
    links: federations.flatMap(one => linksOf(one, names)),
    exports: [],
    problems: [],
  }
}

function withFlagValues({kind, name, context, spec}: MeshDocument): GraphDocument {
  const values = Object.entries(spec).map(([field, value]) => {
    const format = kind.fields[field]?.format
    return [field, format && value !== undefined && value !== null ? format(value) : value] as const
  })
  return {kind: kind.kind, name, context, spec: Object.fromEntries(values)}
}

function clusterOf(
  context: string,
  names: ReadonlyMap<string, string>,
  federations: readonly Federation[],
  documents: readonly GraphDocument[],
): GraphCluster {
  const own = documents.filter(document => document.kind !== 'Federation' && contextsOf(document).includes(context))
  const controlPlane = own.find(({kind}) => kind === 'ControlPlane')
  const networks = federations.flatMap(one => one.networks[context] ?? [])
  const remote = federations.find(
    one => one.mode === 'primary-remote' && one.contexts.includes(context) && one.primary !== context,
  )
  const primary = remote?.primary === undefined ? undefined : names.get(remote.primary)
  return {
    name: names.get(context)!,
    context: context === '' ? null : context,
    network: networks[0] ?? textOf(controlPlane?.spec.network) ?? null,
    istio: null,
    primary: primary ?? null,
    ...{state: 'planned', ca: null, gateways: [], tenants: [], vms: [], localities: [], problems: []},
    resources: own.flatMap(resourcesOf),
  }
}

/** In gateways mode, no cluster reads another. In primary-remote mode, only the primary does. */
function linksOf({contexts, mode, primary}: Federation, names: ReadonlyMap<string, string>): GraphLink[] {
  if (mode === 'gateways') return []
  const holders = mode === 'primary-remote' ? contexts.filter(one => one === primary) : contexts
  return holders.flatMap(holder =>
    contexts
      .filter(target => target !== holder)
      .map(target => ({
        ...{holder: names.get(holder)!, target: names.get(target)!},
        ...{state: 'planned' as const, text: '', check: null, expiresInSeconds: null},
      })),
  )
}

/** Names of clusters by context, each once: two clusters with one name have those of their contexts. */
function namesOf(
  contexts: readonly string[],
  federations: readonly Federation[],
  documents: readonly GraphDocument[],
): Map<string, string> {
  const named = (context: string): string | undefined => {
    const own = documents.find(one => one.context === context && textOf(one.spec.clusterName) !== undefined)
    return federations.find(one => one.names[context])?.names[context] ?? textOf(own?.spec.clusterName)
  }
  const shown = contexts.map(context =>
    context === '' ? 'current context' : (named(context) ?? clusterNameFrom(context)),
  )
  const isUnique = (name: string) => shown.filter(other => other === name).length === 1
  return new Map(contexts.map((context, at) => [context, isUnique(shown[at]!) ? shown[at]! : context]))
}

function federationOf({spec}: GraphDocument): Federation {
  return {
    contexts: textsOf(spec.contexts),
    mode: textOf(spec.mode) ?? '',
    // As `mesh federate` chooses it.
    primary: textOf(spec.primary) ?? textsOf(spec.contexts)[0],
    names: (spec.clusterName ?? {}) as Record<string, string>,
    networks: (spec.network ?? {}) as Record<string, string>,
  }
}

function contextsOf({context, spec}: GraphDocument): string[] {
  return context === undefined ? textsOf(spec.contexts) : [context]
}

/** How a kind appears in a box: a label, and one text for each row. */
interface Shown {
  label: string
  rows: (spec: GraphDocument['spec']) => (string | undefined)[]
}

const joined = (...parts: (string | undefined)[]) => parts.filter(part => part !== undefined && part !== '').join(', ')

const placed = ({namespace}: GraphDocument['spec'], name: unknown) =>
  [textOf(namespace), textOf(name)].filter(Boolean).join('/')

const localityRow = (nodes: string, where: string) => `${where}: nodes ${nodes}`

const shownKinds: Readonly<Record<string, Shown>> = {
  Addons: {label: 'add-ons', rows: spec => [textsOf(spec.names).join(', ')]},
  ControlPlane: {label: 'istiod', rows: spec => [joined(textOf(spec.revision), `by ${textOf(spec.via)}`)]},
  ExternalAuthorizer: {
    label: 'authz',
    rows: ({name, to = 'workloads', namespace}) => [
      [`${name} for ${to}`, ...(namespace === undefined ? [] : [`in ${namespace}`])].join(' '),
    ],
  },
  IngressGateway: {label: 'ingress', rows: spec => [joined(placed(spec, spec.name), textOf(spec.kind))]},
  IngressTls: {
    label: 'TLS',
    rows: spec => [joined(textOf(spec.host), spec.gateway === undefined ? undefined : `at ${textOf(spec.gateway)}`)],
  },
  LocalityBalance: {label: 'balance', rows: spec => textsOf(spec.hosts)},
  NodeLocalities: {
    label: 'locality',
    rows: spec => [
      ...textsOf(spec.pattern).map(pair => localityRow(...(pair.split('=') as [string, string]))),
      ...textsOf(spec.nodes).map(node =>
        localityRow(node, [spec.region, spec.zone, spec.subzone].filter(Boolean).join('/')),
      ),
    ],
  },
  ServiceExport: {
    label: 'export',
    rows: spec => [
      joined(placed(spec, spec.name ?? spec.selector ?? 'all'), `to ${textsOf(spec.to).join(', ') || 'each other'}`),
    ],
  },
  Tenant: {label: 'tenant', rows: spec => [joined(textOf(spec.name), ...textsOf(spec.namespaces))]},
  VirtualMachine: {label: 'VM', rows: spec => [joined(placed(spec, spec.name), ...textsOf(spec.addresses))]},
}

/** The label of a kind in a box. */
export function labelOfKind(kind: string): string {
  return shownKinds[kind]?.label ?? 'other'
}

function resourcesOf({kind, name, spec}: GraphDocument): GraphResource[] {
  const texts = shownKinds[kind]?.rows(spec).filter(text => text !== undefined && text !== '') ?? [`${kind} ${name}`]
  return (texts.length > 0 ? texts : [name]).map(text => ({kind, name, text: text!}))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : value.split(',')
  return Array.isArray(value) ? value.map(String) : []
}
