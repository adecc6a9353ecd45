import {type ExitCode, exitCodes} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {claimsOf} from '../../../mesh/read-credentials.ts'
import {connect, type ReadRun} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {formatVerified, verified} from '../../../terminal/output/verify.ts'
import {readVmFacts} from '../read.ts'
import {named, recalledIfAny, whereOf, withNamespace} from '../shared.ts'
import {vmVerifyFields, vmVerifyProblems} from '../spec.ts'
import {bundleFolder, heldToken} from '../write-bundle.ts'
import {checksFor, dialledAddress, type VmVerifySubject} from './checks.ts'
import {lookAtTls} from './read-tls.ts'

/** How long an address may take to answer. */
const lookTimeoutMs = 5000

/** Looks whether a VM can be and is a member of the mesh. Only reads; exit 5 when something is wrong. */
export async function verifyVm(
  raw: RawSpec<typeof vmVerifyFields>,
  context: string,
  outputDir: string | undefined,
  run: ReadRun,
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
