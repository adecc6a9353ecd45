import {type ExitCode, exitCodes, MeshError, refusedError} from '../../errors.ts'
import {connect, type Run} from '../../run/run.ts'
import {goDuration} from '../../spec/durations.ts'
import type {SpecOf} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {runAsRoot} from '../../tools/ssh.ts'
import {helperPath} from './bundle/helper.ts'
import {bundleSecretsOf} from './bundle-secrets.ts'
import {invalidMeshConfig, missingControlPlane, type VmFacts, type VmKey, type VmLocation} from './facts.ts'
import {readVmSpec} from './input.ts'
import type {VmControlPlane} from './istio-control-plane.ts'
import {readVmFacts} from './read.ts'
import {locateVm, requireRegistration} from './registration.ts'
import {formatVmReport, vmReportOf} from './report.ts'
import {type VmRegistration, vmRegisterFields, vmRenewFields} from './spec.ts'
import {validateVmRegister} from './spec-validation.ts'
import {checkFolder} from './write/check-folder.ts'
import {bundleFolder, writeBundle} from './write/write-bundle.ts'

type VmRenew = SpecOf<typeof vmRenewFields> & VmKey
type RenewRun = Pick<Run, 'terminal' | 'access' | 'write' | 'signal'>

/**
 * Requests a new token, and writes it with the current root certificate into the bundle or onto the machine. Changes no
 * object in the cluster.
 *
 * @param context kubeconfig context; empty for the current one
 */
export async function renewVm(raw: RawSpec<typeof vmRenewFields>, context: string, run: RenewRun): Promise<ExitCode> {
  const input = readVmSpec(vmRenewFields, raw, context, run.access)
  const cluster = await connect(run.access, context)
  const vm = await locateVm(cluster, input, raw)
  const facts = await readVmFacts(cluster, vm)
  const spec = {
    ...registrationFor(input, facts, vm),
    ...(raw.tokenDuration === undefined ? {} : {tokenDuration: input.tokenDuration}),
  }
  if (!facts.controlPlane) {
    const {message, hints} = missingControlPlane(facts, vm)
    throw refusedError(message, ...hints)
  }
  refuseInvalid(facts.controlPlane, vm)
  await (input.ssh === undefined ? renewBundle(spec, facts, run) : renewMachine(input.ssh, spec, facts, run))
  return exitCodes.ok
}

/**
 * The registration that the token is for: the record's, with the account of the command line. Without a record (a VM that
 * version 0.1.0 registered) the account must be specified, and only a token can be renewed: its other settings are unknown.
 */
function registrationFor(input: VmRenew, facts: VmFacts, vm: VmLocation): VmRegistration {
  const {name, namespace, systemNamespace, serviceAccount, ssh} = input
  if (serviceAccount === undefined) return requireRegistration(facts, vm)
  if (facts.record) return {...requireRegistration(facts, vm), serviceAccount}
  if (ssh === undefined) return requireRegistration(facts, vm)
  const raw = {name, namespace, systemNamespace, serviceAccount, tokenDuration: goDuration(input.tokenDuration)}
  return readSpec(vmRegisterFields, raw, validateVmRegister) as VmRegistration
}

/** @throws MeshError (exit 3) when the mesh config has values that Istio would reject */
function refuseInvalid({invalid}: VmControlPlane, vm: VmLocation): void {
  if (invalid.length === 0) return
  throw new MeshError(
    invalid.map(message => invalidMeshConfig(message, vm)),
    exitCodes.refused,
  )
}

async function renewMachine(host: string, spec: VmRegistration, facts: VmFacts, run: RenewRun): Promise<void> {
  const {rootCert, token, expires} = await bundleSecretsOf(spec, facts, undefined)
  const input = `${token.trim()}\n${rootCert}`
  const output = await runAsRoot(host, helperPath, ['renew'], {input, signal: run.signal})
  run.terminal.message(`${host}: ${output.trim()}`)
  run.terminal.print(`${spec.namespace}/${spec.name} on ${host}: token until ${expires.toISOString()}`)
}

async function renewBundle(spec: VmRegistration, facts: VmFacts, run: RenewRun): Promise<void> {
  const folder = bundleFolder(spec.name, run.write.outputDir)
  await checkFolder(folder)
  const bundle = await writeBundle(spec, facts, folder, run, true)
  run.terminal.print(
    formatVmReport({...vmReportOf(spec, facts.controlPlane!.trustDomain), ...bundle}, run.write.output),
  )
}
