import {type ExitCode, exitCodes, usageError} from '../errors.ts'
import type {GraphReaders} from '../features/graph/facts.ts'
import {drawDocuments, drawGraph, type GraphOutput} from '../features/graph/graph.ts'
import {graphFields, graphFormats} from '../features/graph/spec.ts'
import {askMissing} from '../run/ask-missing.ts'
import {type Access, accessOf} from '../run/run.ts'
import {type RawSpec, readSpec} from '../spec/read.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {documentChoice, documentFlags} from '../terminal/document-flags.ts'
import {accessFlags, outputFlag} from '../terminal/flags.ts'
import {flagsOf, rawOf} from '../terminal/spec-flags.ts'

export default class Graph extends BaseCommand {
  static override summary = 'draw clusters, gateways, credentials, tenants, VMs and exports'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o html > mesh.html',
    '<%= config.bin %> <%= command.id %> -f mesh/ -o svg > mesh.svg',
  ]

  static override description =
    `Reads the clusters of a mesh, or with -f the mesh files that describe one, and changes nothing. A picture of mesh files needs
no cluster; it contains only what is in the files.`

  static override flags = {
    ...flagsOf(graphFields),
    ...documentFlags,
    ...accessFlags,
    output: outputFlag(graphFormats, 'text'),
  }

  async run() {
    const {flags} = await this.parse(Graph)
    const output = {terminal: this.terminal(), output: flags.output, env: process.env}
    if (flags.filename !== undefined || flags.recursive) return drawFiles(flags, output)
    const access = accessOf(flags)
    const raw = rawOf(graphFields, flags)
    const ask = async () => (await import('../mesh/contexts/questions.ts')).askStatusContexts
    const asker = {access, terminal: output.terminal}
    return askMissing({fields: graphFields, raw, ask, yes: undefined}, asker, answered =>
      drawClusters(answered, access, output),
    )
  }
}

function drawClusters(raw: RawSpec<typeof graphFields>, access: Access, output: GraphOutput): Promise<ExitCode> {
  const spec = readSpec(graphFields, raw)
  // Loaded on use, so that the code of these features stays with their commands.
  const readers = {
    federation: async () =>
      (await import('../features/federate/status/read-status.ts')).readFederationStatus(raw, access),
    tenants: async cluster => (await import('../features/tenant/list.ts')).readTenantRows(cluster),
    vms: async cluster => (await import('../features/vm/list/list.ts')).readVmRows(cluster, {}),
    localities: async cluster => (await import('../features/locality/status.ts')).readLocalityRows(cluster, spec),
  } satisfies GraphReaders
  return drawGraph({...output, readers, systemNamespace: spec.systemNamespace})
}

/**
 * Draws what mesh files describe.
 *
 * @throws MeshError (exit 2) for invalid files, and for flags that concern clusters
 */
async function drawFiles(
  flags: {filename?: string[] | undefined; recursive: boolean} & Record<string, unknown>,
  output: GraphOutput,
): Promise<ExitCode> {
  const unused = Object.values(graphFields).filter(({flag}) => flags[flag] !== undefined)
  if (unused.length > 0)
    throw usageError(`${unused.map(({flag}) => `--${flag}`).join(', ')} conflicts with -f: no cluster is read`)
  const [{readDocuments}, {meshKinds}, {splitSet}, {askMissingFile}] = await Promise.all([
    import('../spec/documents/documents.ts'),
    import('../kinds/kinds.ts'),
    import('../features/files/prune/set.ts'),
    import('../features/files/questions/ask.ts'),
  ])
  const {filename, recursive} = flags
  return askMissingFile({filename, recursive}, {kinds: meshKinds, terminal: output.terminal}, async answered => {
    const documents = await readDocuments(documentChoice(answered), meshKinds)
    await drawDocuments(splitSet(documents, undefined).documents, output)
    return exitCodes.ok
  })
}
