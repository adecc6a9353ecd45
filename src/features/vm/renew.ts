import {type ExitCode, exitCodes, MeshError, refusedError} from '../../errors.ts'
import {exitAfterChange} from '../../run/apply-plan.ts'
import {connect, type Run} from '../../run/run.ts'
import type {RawSpec} from '../../spec/read.ts'
import {runAsRoot} from '../../tools/ssh.ts'
import {helperPath} from './bundle/helper.ts'
import {bundleSecretsOf} from './bundle-secrets.ts'
import {invalidMeshConfig, missingControlPlane, type VmFacts, type VmLocation} from './facts.ts'
import {readVmSpec} from './input.ts'
import type {VmControlPlane} from './istio-control-plane.ts'
import {readVmFacts} from './read.ts'
import {vmRenewRights} from './register/rights.ts'
import {locateVm, requireRegistration} from './registration.ts'
import {formatRenewal, formatVmReport, vmReportOf} from './report.ts'
import {type VmRegistration, vmRenewFields} from './spec.ts'
import {recordTokenExpiry} from './token/record-expiry.ts'
import {checkBundleFolder} from './write/check-folder.ts'
import {bundleFolder, writeBundle} from './write/write-bundle.ts'

type RenewRun = Pick<Run, 'terminal' | 'access' | 'write' | 'signal'>

/**
 * Requests a new token, and writes it with the current root certificate into the bundle or onto the machine. In the cluster, only
 * the record of the VM changes, which stores when the token expires.
 *
 * @param context kubeconfig context; empty for the current one
 */
export async function renewVm(raw: RawSpec<typeof vmRenewFields>, context: string, run: RenewRun): Promise<ExitCode> {
  const input = readVmSpec(vmRenewFields, raw, context, run.access)
  const cluster = await connect(run.access, context, vmRenewRights(input.namespace, input.systemNamespace))
  const vm = await locateVm(cluster, input, raw)
  const facts = await readVmFacts(cluster, vm, run.access)
  const {serviceAccount} = input
  const spec = {
    ...requireRegistration(facts, vm),
    // The record stores a revision tag as it was requested.
    revision: vm.revision,
    ...(serviceAccount === undefined ? {} : {serviceAccount}),
    ...(raw.tokenDuration === undefined ? {} : {tokenDuration: input.tokenDuration}),
  }
  if (!facts.controlPlane) {
    const {message, hints} = missingControlPlane(facts, vm)
    throw refusedError(message, ...hints)
  }
  refuseInvalid(facts.controlPlane, vm)
  const renewed = input.ssh === undefined ? renewBundle(spec, facts, run) : renewMachine(input.ssh, spec, facts, run)
  await recordTokenExpiry(cluster, vm, await renewed, run)
  return exitAfterChange(run)
}

/** @throws MeshError (exit 3) when the mesh config has values that Istio would reject */
function refuseInvalid({invalid}: VmControlPlane, vm: VmLocation): void {
  if (invalid.length === 0) return
  throw new MeshError(
    invalid.map(message => invalidMeshConfig(message, vm)),
    exitCodes.refused,
  )
}

/** @returns when the token expires */
async function renewMachine(host: string, spec: VmRegistration, facts: VmFacts, run: RenewRun): Promise<Date> {
  const {rootCert, token, expires} = await bundleSecretsOf(spec, facts, undefined)
  const input = `${token.trim()}\n${rootCert}`
  const output = await runAsRoot(host, helperPath, ['renew'], {input, signal: run.signal})
  run.terminal.message(
    output
      .trim()
      .split('\n')
      .map(line => `${host}: ${line}`),
  )
  run.terminal.print(
    formatRenewal({name: spec.name, namespace: spec.namespace, host, tokenEnds: expires}, run.write.output),
  )
  return expires
}

/** @returns when the token expires */
async function renewBundle(spec: VmRegistration, facts: VmFacts, run: RenewRun): Promise<Date> {
  const folder = bundleFolder(spec.name, run.write.outputDir)
  await checkBundleFolder(folder, spec.name, spec.format)
  const bundle = await writeBundle(spec, facts, folder, run, true)
  run.terminal.print(
    formatVmReport({...vmReportOf(spec, facts.controlPlane!.trustDomain), ...bundle}, run.write.output),
  )
  return bundle.tokenEnds
}
