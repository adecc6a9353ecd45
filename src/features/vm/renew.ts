import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {runAsRoot} from '../../tools/ssh.ts'
import {helperPath} from './bundle/helper.ts'
import {readVmFacts} from './read.ts'
import {reportOf} from './register.ts'
import {formatVmReport} from './report.ts'
import {named, recalled, requireControlPlane, whereOf, withNamespace} from './shared.ts'
import {vmRenewFields, vmRenewProblems} from './spec.ts'
import {bundleFolder, checkFolder, secretsFor, writeBundle} from './write-bundle.ts'

/** Makes a new token and puts it, with the root as it is now, into the bundle or onto the machine. Changes nothing in the cluster. */
export async function renewVm(
  raw: RawSpec<typeof vmRenewFields>,
  context: string,
  run: Pick<Run, 'terminal' | 'access' | 'write' | 'signal'>,
): Promise<ExitCode> {
  const said = named(readSpec(vmRenewFields, withNamespace(raw, context, run.access), vmRenewProblems))
  const cluster = await connect(run.access, context)
  const where = await whereOf(cluster, said, raw)
  const facts = await readVmFacts(cluster, where)
  const remembered = recalled(facts, said)
  const spec = {...remembered, ...(raw.tokenDuration === undefined ? {} : {tokenDuration: said.tokenDuration})}
  requireControlPlane(facts, where)
  if (said.ssh !== undefined) {
    const {rootCert, token, expires} = await secretsFor(spec, facts, undefined)
    const input = `${token.trim()}\n${rootCert}`
    const answer = await runAsRoot(said.ssh, helperPath, ['renew'], {input, signal: run.signal})
    run.terminal.message(`${said.ssh}: ${answer.trim()}`)
    run.terminal.print(`${said.namespace}/${said.name} on ${said.ssh}: token until ${expires.toISOString()}`)
    return exitCodes.ok
  }
  const folder = bundleFolder(said.name, run.write.outputDir)
  await checkFolder(folder)
  const {files, tokenEnds} = await writeBundle(spec, facts, folder, run, true)
  run.terminal.print(formatVmReport({...reportOf(spec, facts), folder, files, tokenEnds}, run.write.output))
  return exitCodes.ok
}
