import {checkMesh} from '../features/check/check.ts'
import type {CheckReaders} from '../features/check/facts.ts'
import {type CheckSpec, checkFields, checkFormats} from '../features/check/spec.ts'
import {askMissing} from '../run/ask-missing.ts'
import {writeOptionsOf} from '../run/flags/write.ts'
import {type Access, accessOf} from '../run/run.ts'
import {type RawSpec, readSpec} from '../spec/read.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {accessFlags, outputFlag} from '../terminal/flags.ts'
import type {Terminal} from '../terminal/output/terminal.ts'
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
    '<%= config.bin %> <%= command.id %> --contexts east,west --at clusters=100,endpoints=40000',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o prometheus > /var/lib/node-exporter/mesh.prom',
  ]

  static override flags = {...flagsOf(checkFields), ...accessFlags, output: outputFlag(checkFormats, 'table')}

  async run() {
    const {flags} = await this.parse(Check)
    const access = accessOf(flags)
    const terminal = this.terminal()
    const raw = rawOf(checkFields, flags)
    const ask = async () => (await import('../mesh/contexts/questions.ts')).askStatusContexts
    const asker = {access, terminal}
    return askMissing({fields: checkFields, raw, ask, yes: undefined}, asker, answered => {
      const {readers, spec} = readersFor(answered, asker)
      return checkMesh(spec, {terminal, readers, output: flags.output})
    })
  }
}

/** The functions of features that the check calls. They are loaded on use, so that their code stays with their commands. */
function readersFor(
  input: RawSpec<typeof checkFields>,
  {access, terminal}: {access: Access; terminal: Terminal},
): {readers: CheckReaders; spec: CheckSpec} {
  const {severity: _severity, within: _within, at: _at, ...raw} = input
  const spec = readSpec(checkFields, input)
  const readers = {
    federation: async () =>
      (await import('../features/federate/status/read-status.ts')).readFederationStatus(raw, access),
    federationChecks: async () => (await import('../features/federate/status/checks.ts')).statusChecks,
    drift: async contexts => {
      const write = writeOptionsOf({'dry-run': 'server', 'force-conflicts': false, 'exit-code': false, yes: false})
      const run = {
        terminal,
        access,
        write,
        command: 'kubectl mesh check',
        signal: new AbortController().signal,
        answers: [],
      }
      return (await import('../features/federate/status/read-drift.ts')).readDrift({...raw, contexts}, run)
    },
    tenants: async cluster => (await import('../features/tenant/verify/verify.ts')).checkTenants(cluster),
    certificates: async cluster => (await import('../features/ingress/tls/list.ts')).readServed(cluster, new Date()),
    vmTokens: async cluster => (await import('../features/vm/token/read-tokens.ts')).readTokensInUse(cluster),
    kiali: async members =>
      (await import('../features/addon/verify/verify.ts')).checkKiali(members, spec.systemNamespace),
  } satisfies CheckReaders
  return {readers, spec}
}
