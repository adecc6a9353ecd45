import {isIP} from 'node:net'
import {type ExitCode, exitCodes} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {claimsOf} from '../../../mesh/remote-kubeconfig.ts'
import {connect, type ReadRun} from '../../../run/run.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {verified, verifiedOutput} from '../../../terminal/output/verify.ts'
import {gatewayAddressesOf, type VmFacts, type VmLocation} from '../facts.ts'
import {readVmSpec} from '../input.ts'
import {istiodPort} from '../istio-workloads.ts'
import {readVmFacts} from '../read.ts'
import {vmReads} from '../register/rights.ts'
import {locateVm, registrationOf} from '../registration.ts'
import {vmVerifyFields} from '../spec.ts'
import {bundleFolder, tokenInBundle} from '../write/write-bundle.ts'
import {checksFor} from './checks.ts'
import {inspectTls} from './read-tls.ts'
import type {VmVerifySubject} from './subject.ts'

/** Time limit for the connection to istiod. */
const connectTimeoutMs = 5000

/**
 * Checks whether a VM can join the mesh and is connected. Writes nothing. Returns exit code 5 when a check finds an error.
 *
 * @param context kubeconfig context; empty for the current one
 * @param outputDir folder of the bundle; undefined for the default
 */
export async function verifyVm(
  raw: RawSpec<typeof vmVerifyFields>,
  context: string,
  outputDir: string | undefined,
  run: ReadRun,
): Promise<ExitCode> {
  const input = readVmSpec(vmVerifyFields, raw, context, run.access)
  const cluster = await connect(run.access, context, vmReads(input.namespace, input.systemNamespace))
  const vm = await locateVm(cluster, input, raw)
  const facts = await readVmFacts(cluster, vm, run.access)
  const registration = registrationOf(facts, vm)
  const folder = bundleFolder(vm.name, outputDir)
  const token = await tokenInBundle(folder)
  const subject: VmVerifySubject = {
    vm,
    registration,
    facts,
    gateway: await inspectGateway(input.gatewayAddress ?? registration?.gatewayAddress, facts, vm),
    tokenExpires: token === undefined ? undefined : claimsOf(token).expires,
    folder,
    now: new Date(),
  }
  const checks = checksFor(subject)
  const findings = runChecks(checks, subject)
  const format = run.output === 'wide' ? undefined : run.output
  run.terminal.print(
    verifiedOutput([verified(titleOf(vm), checks, findings)], format),
    format === undefined ? 'text' : 'data',
  )
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok
}

function titleOf({name, namespace, systemNamespace, revision}: VmLocation): string {
  return `${name}  (namespace ${namespace}, control plane ${systemNamespace}${revision ? `, revision ${revision}` : ''})`
}

/** Connects to the address that the VM tries first: the requested one, else an address of the gateway, IP addresses first. */
async function inspectGateway(
  requested: string | undefined,
  facts: VmFacts,
  vm: VmLocation,
): Promise<VmVerifySubject['gateway']> {
  const all = requested === undefined ? gatewayAddressesOf(facts) : [requested]
  const address = all.find(one => isIP(one)) ?? all[0]
  if (address === undefined) return undefined
  const server = {address, port: istiodPort, serverName: istiodHost(vm), roots: facts.root}
  return {address, tls: await inspectTls(server, connectTimeoutMs)}
}
