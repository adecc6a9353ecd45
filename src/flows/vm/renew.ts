import {type ExitCode, exitCodes} from '../../errors.ts'
import {readVmFacts} from '../../facts/vm.ts'
import {formatVmReport} from '../../output/vm-report.ts'
import {type RawSpec, readSpec} from '../../specs/read.ts'
import {vmRenewFields, vmRenewProblems} from '../../specs/vm.ts'
import {runAsRoot} from '../../tools/ssh.ts'
import {helperPath} from '../../vm/helper.ts'
import {connect, type Run} from '../run.ts'
import {bundleFolder, checkFolder, secretsFor, writeBundle} from './bundle.ts'
import {reportOf} from './register.ts'
import {named, recalled, refuseControlPlane, whereOf, withNamespace} from './shared.ts'

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
  refuseControlPlane(facts, where)
  if (said.ssh !== undefined) {
    const {rootCert, token, expires} = await secretsFor(spec, facts, undefined)
    const input = `${token.trim()}\n${rootCert}`
    const answer = await runAsRoot(said.ssh, helperPath, ['renew'], {input, signal: run.signal})
    run.terminal.talk(`${said.ssh}: ${answer.trim()}`)
    run.terminal.print(`${said.namespace}/${said.name} on ${said.ssh}: token until ${expires.toISOString()}`)
    return exitCodes.ok
  }
  const folder = bundleFolder(said.name, run.write.outputDir)
  await checkFolder(folder)
  const {files, tokenEnds} = await writeBundle(spec, facts, folder, run, true)
  run.terminal.print(formatVmReport({...reportOf(spec, facts), folder, files, tokenEnds}, run.write.output))
  return exitCodes.ok
}
