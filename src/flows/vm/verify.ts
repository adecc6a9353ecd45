import {runChecks} from '../../checks/check.ts'
import {checksFor, dialledAddress, type VmVerifySubject} from '../../checks/vm-verify.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {claimsOf} from '../../facts/credentials.ts'
import {lookAtTls} from '../../facts/tls.ts'
import {readVmFacts} from '../../facts/vm.ts'
import {istiodHost} from '../../manifests/expose-istiod.ts'
import {formatVerified, verified} from '../../output/verify.ts'
import {type RawSpec, readSpec} from '../../specs/read.ts'
import {vmVerifyFields, vmVerifyProblems} from '../../specs/vm.ts'
import {connect, type LookRun} from '../run.ts'
import {bundleFolder, heldToken} from './bundle.ts'
import {named, recalledIfAny, whereOf, withNamespace} from './shared.ts'

/** How long an address may take to answer. */
const lookTimeoutMs = 5000

/** Looks whether a VM can be and is a member of the mesh. Only reads; exit 5 when something is wrong. */
export async function verifyVm(
  raw: RawSpec<typeof vmVerifyFields>,
  context: string,
  outputDir: string | undefined,
  run: LookRun,
): Promise<ExitCode> {
  const said = named(readSpec(vmVerifyFields, withNamespace(raw, context, run.access), vmVerifyProblems))
  const cluster = await connect(run.access, context)
  const where = await whereOf(cluster, said, raw)
  const facts = await readVmFacts(cluster, where)
  const spec = recalledIfAny(facts)
  const address = dialledAddress(facts, said.gatewayAddress ?? spec?.gatewayAddress)
  const folder = bundleFolder(where.name, outputDir)
  const held = await heldToken(folder)
  const subject: VmVerifySubject = {
    where,
    spec,
    facts,
    dialled: address === undefined ? undefined : {address, look: await look(address)},
    tokenEnds: held === undefined ? undefined : claimsOf(held).expires,
    folder,
    now: new Date(),
  }
  const checks = checksFor(subject)
  const findings = runChecks(checks, subject)
  const title = `${where.name}  (namespace ${where.namespace}, control plane ${where.systemNamespace}${where.revision ? `, revision ${where.revision}` : ''})`
  const format = run.output === 'wide' ? undefined : run.output
  run.terminal.print(formatVerified([verified(title, checks, findings)], format))
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok

  function look(at: string) {
    return lookAtTls({address: at, port: 15_012, serverName: istiodHost(where), roots: facts.root}, lookTimeoutMs)
  }
}
