import {checkMesh} from '../features/check/check.ts'
import type {CheckReaders} from '../features/check/facts.ts'
import {checkFields, checkFormats} from '../features/check/spec.ts'
import {accessOf, writeOptionsOf} from '../run/run.ts'
import {readSpec} from '../spec/read.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {accessFlags, outputFlag} from '../terminal/flags.ts'
import {flagsOf, rawOf} from '../terminal/spec-flags.ts'

export default class Check extends BaseCommand {
  static override summary = 'check what will break: expiry, versions, drift, credentials, gateways, webhooks'

  static override description =
    `The command only reads; API servers validate what federate would change in dry runs. Each finding has the ID of its
check, which docs/checks describes. -o prometheus is for the textfile collector of the node exporter. The exit code is 5
if there is a finding of --severity or above.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west --severity warning --within 720h',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o prometheus > /var/lib/node-exporter/mesh.prom',
  ]

  static override flags = {...flagsOf(checkFields), ...accessFlags, output: outputFlag(checkFormats, 'table')}

  async run() {
    const {flags} = await this.parse(Check)
    const access = accessOf(flags)
    const {severity: _severity, within: _within, ...raw} = rawOf(checkFields, flags)
    const spec = readSpec(checkFields, rawOf(checkFields, flags))
    const terminal = this.terminal()
    // Loaded on use, so that the code of these features stays with their commands.
    const readers = {
      federation: async () =>
        (await import('../features/federate/status/read-status.ts')).readFederationStatus(raw, access),
      federationChecks: async () => (await import('../features/federate/status/checks.ts')).statusChecks,
      drift: async contexts => {
        const write = writeOptionsOf({'dry-run': 'server', 'force-conflicts': false, 'exit-code': false, yes: false})
        const run = {terminal, access, write, command: 'kubectl mesh check', signal: new AbortController().signal}
        return (await import('../features/federate/status/read-drift.ts')).readDrift({...raw, contexts}, run)
      },
      tenants: async cluster => (await import('../features/tenant/verify/verify.ts')).checkTenants(cluster),
      certificates: async cluster => (await import('../features/ingress/tls/list.ts')).readServed(cluster, new Date()),
    } satisfies CheckReaders
    return checkMesh(spec, {terminal, readers, output: flags.output})
  }
}
