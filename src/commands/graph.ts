import type {GraphReaders} from '../features/graph/facts.ts'
import {drawGraph} from '../features/graph/graph.ts'
import {graphFields, graphFormats} from '../features/graph/spec.ts'
import {accessOf} from '../run/run.ts'
import {readSpec} from '../spec/read.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {accessFlags, outputFlag} from '../terminal/flags.ts'
import {flagsOf, rawOf} from '../terminal/spec-flags.ts'

export default class Graph extends BaseCommand {
  static override summary = 'draw clusters, gateways, credentials, tenants, VMs and exports'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o html > mesh.html',
  ]

  static override flags = {...flagsOf(graphFields), ...accessFlags, output: outputFlag(graphFormats, 'text')}

  async run() {
    const {flags} = await this.parse(Graph)
    const access = accessOf(flags)
    const raw = rawOf(graphFields, flags)
    const spec = readSpec(graphFields, raw)
    // Loaded on use, so that the code of these features stays with their commands.
    const readers = {
      federation: async () =>
        (await import('../features/federate/status/read-status.ts')).readFederationStatus(raw, access),
      tenants: async cluster => (await import('../features/tenant/list.ts')).readTenantRows(cluster),
      vms: async cluster => (await import('../features/vm/list/list.ts')).readVmRows(cluster, {}),
      localities: async cluster => (await import('../features/locality/status.ts')).readLocalityRows(cluster, spec),
    } satisfies GraphReaders
    const {systemNamespace} = spec
    return drawGraph({terminal: this.terminal(), readers, systemNamespace, output: flags.output, env: process.env})
  }
}
