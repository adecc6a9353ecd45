import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {type ExitCode, exitCodes, usageError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {confirmChange} from '../../../run/confirm.ts'
import {connect} from '../../../run/run.ts'
import type {VerifyRun} from '../../../run/verify-run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {type Verified, verified, verifiedOutput} from '../../../terminal/output/verify.ts'
import {count} from '../../../text/count.ts'
import {findTenant} from '../find.ts'
import {isOfTenantAdd, type Tenant} from '../istio.ts'
import {applicableChecks, generalChecks} from './checks.ts'
import {leftoverChecks} from './checks-leftovers.ts'
import {temporaryLabel} from './objects-traffic.ts'
import {readForVerify, type TenantVerifyFacts} from './read.ts'
import {formatTraffic, verifiedTraffic} from './report-traffic.ts'
import {tenantVerifyRights} from './rights.ts'
import {type TenantVerify, tenantVerifyFields} from './spec.ts'
import type {TenantSubject} from './subject.ts'
import {testTraffic} from './traffic.ts'

/**
 * Checks one or all tenants of a cluster and prints the results.
 *
 * @param context kubeconfig context; '' for the current one
 * @returns exit code 5 if a check finds an error
 * @throws MeshError (exit 2) for invalid input, (exit 3) if there is no such tenant
 */
export async function verifyTenants(
  raw: RawSpec<typeof tenantVerifyFields>,
  context: string,
  run: VerifyRun,
): Promise<ExitCode> {
  const spec = readSpec(tenantVerifyFields, raw)
  const cluster = await connect(run.access, context, tenantVerifyRights)
  const facts = await readForVerify(cluster)
  const tenants = spec.name === undefined ? facts.tenants : [findTenant(facts, spec.name)]
  if (spec.traffic) await confirmTraffic(readyTenants(facts), clusterNameFrom(cluster.context), run)
  const results = verifyAll(tenants, facts)
  if (spec.traffic) results.push(await verifyTraffic(spec, facts, run))
  run.terminal.print(verifiedOutput(results, run.output), run.output === undefined ? 'text' : 'data')
  const hasError = results.some(({findings}) => findings.some(({level}) => level === 'error'))
  return hasError ? exitCodes.check : exitCodes.ok
}

/**
 * Checks all control planes of a cluster without traffic. Only reads. One that `mesh tenant add` did not create, such as that of
 * the mesh, gets no checks of its separation from others.
 *
 * @returns empty for a cluster without control planes and without objects that former ones have left
 * @throws ApiError, UnreachableError
 */
export async function checkTenants(cluster: Cluster): Promise<Verified[]> {
  const facts = await readForVerify(cluster)
  const leftovers = verifyLeftovers(facts, 'all control planes')
  return [
    ...facts.tenants.map(tenant => {
      const subject = {tenant, facts}
      return isOfTenantAdd(tenant)
        ? verifyTenant(subject, `Tenant ${titleOf(tenant)}`)
        : verifyTenant(subject, `Control plane ${titleOf(tenant)}`, generalChecks(subject))
    }),
    ...(facts.tenants.length > 0 || leftovers.findings.length > 0 ? [leftovers] : []),
  ]
}

function verifyAll(tenants: readonly Tenant[], facts: TenantVerifyFacts): Verified[] {
  return [
    ...tenants.map(tenant => verifyTenant({tenant, facts}, titleOf(tenant))),
    verifyLeftovers(facts, 'all tenants'),
  ]
}

function verifyLeftovers(facts: TenantVerifyFacts, what: string): Verified {
  const title = `${clusterNameFrom(facts.cluster.context)}  (${what})`
  return verified(title, leftoverChecks, runChecks(leftoverChecks, facts))
}

function verifyTenant(subject: TenantSubject, title: string, checks = applicableChecks(subject)): Verified {
  return verified(title, checks, runChecks(checks, subject))
}

function titleOf({name, namespace, revision}: Tenant): string {
  return `${name}  (namespace ${namespace}, revision ${revision})`
}

/** Only these can inject temporary workloads. */
function readyTenants({tenants}: TenantVerifyFacts): Tenant[] {
  return tenants.filter(({ready}) => ready > 0)
}

async function confirmTraffic(tenants: readonly Tenant[], context: string, run: VerifyRun): Promise<void> {
  if (!run.write.yes && !run.terminal.interactive)
    throw usageError(
      '--traffic creates temporary workloads and needs confirmation, and this is not an interactive terminal',
      'add --yes',
    )
  const namespaces = count(tenants.length, 'temporary namespace')
  await confirmChange(`Create ${namespaces} in ${context} (label ${temporaryLabel}) and delete them afterwards?`, run)
}

async function verifyTraffic(
  {name, trafficImage}: TenantVerify,
  facts: TenantVerifyFacts,
  run: VerifyRun,
): Promise<Verified> {
  // The first row of the table is the tenant to verify.
  const tenants = readyTenants(facts).toSorted((a, b) => Number(b.name === name) - Number(a.name === name))
  const answers = await testTraffic(facts.cluster, tenants, trafficImage, run)
  if (run.output === undefined) run.terminal.print(formatTraffic(answers), 'text')
  // A server that does not respond to its own tenant proves nothing about other tenants, so requests within stay.
  return verifiedTraffic(answers.filter(({from, to}) => name === undefined || from === to || [from, to].includes(name)))
}
