import {type ExitCode, exitCodes, usageError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {confirmChange} from '../../../run/confirm.ts'
import {connect} from '../../../run/run.ts'
import type {VerifyRun} from '../../../run/verify-run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {formatVerified, type Verified, verified} from '../../../terminal/output/verify.ts'
import {leftoverChecks, tenantChecks} from '../checks.ts'
import {findTenant} from '../find.ts'
import type {Tenant} from '../istio.ts'
import {throwAwayLabel} from './objects-traffic.ts'
import {readForVerify} from './read.ts'
import {formatTraffic, isApart, type TrafficAnswer} from './report-traffic.ts'
import {tenantVerifyFields} from './spec.ts'
import {tryTraffic} from './traffic.ts'

/** Checks one tenant of a cluster, or all; exit 5 when an error is found. `context` is '' for the current one. */
export async function verifyTenants(
  raw: RawSpec<typeof tenantVerifyFields>,
  context: string,
  run: VerifyRun,
): Promise<ExitCode> {
  const spec = readSpec(tenantVerifyFields, raw)
  const cluster = await connect(run.access, context)
  const facts = await readForVerify(cluster)
  const tenants = spec.name === undefined ? facts.tenants : [findTenant(facts, spec.name)]
  if (spec.traffic) await confirmTraffic(facts.tenants, cluster.context, run)
  const all: Verified[] = tenants.map(tenant =>
    verified(titleOf(tenant), tenantChecks, runChecks(tenantChecks, {tenant, facts})),
  )
  all.push(verified(`${cluster.context}  (all tenants)`, leftoverChecks, runChecks(leftoverChecks, facts)))
  if (spec.traffic) {
    const ready = facts.tenants.filter(({ready}) => ready > 0)
    const asked =
      spec.name === undefined
        ? ready
        : ready.toSorted((a, b) => Number(b.name === spec.name) - Number(a.name === spec.name))
    const answers = await tryTraffic(cluster, asked, spec.trafficImage, run)
    // a server that does not even answer its own tenant proves nothing about others
    const relevant = answers.filter(
      ({from, to}) => spec.name === undefined || from === to || from === spec.name || to === spec.name,
    )
    all.push(verifiedTraffic(relevant))
    if (run.output === undefined) run.terminal.print(formatTraffic(answers))
  }
  run.terminal.print(formatVerified(all, run.output))
  const failed = all.some(({findings}) => findings.some(({level}) => level === 'error'))
  return failed ? exitCodes.check : exitCodes.ok
}

async function confirmTraffic(tenants: readonly Tenant[], context: string, run: VerifyRun): Promise<void> {
  if (!run.write.yes && !run.terminal.interactive)
    throw usageError('--traffic makes throw-away workloads, and there is nobody to ask', 'add --yes')
  const namespaces = tenants.filter(({ready}) => ready > 0).length
  await confirmChange(
    `Make ${namespaces} throw-away namespaces in ${context} (label ${throwAwayLabel}) and remove them again?`,
    run,
  )
}

function titleOf({name, namespace, revision}: Tenant): string {
  return `${name}  (namespace ${namespace}, revision ${revision})`
}

function verifiedTraffic(answers: readonly TrafficAnswer[]): Verified {
  const checks = answers.map(({from, to, code}) => ({
    id: `traffic ${from} ${to}`,
    about:
      from === to
        ? `a request within ${from} is answered 200`
        : `a request of ${from} to ${to} is refused (${code === 0 ? 'no answer' : code})`,
  }))
  const findings = answers
    .filter(answer => !isApart(answer))
    .map(({from, to, code}) => ({
      level: 'error' as const,
      check: `traffic ${from} ${to}`,
      message:
        from === to
          ? `a request within ${from} got ${code === 0 ? 'no answer' : code}`
          : `a request of ${from} to ${to} was answered 200: they are not apart`,
      hints:
        from === to
          ? [`kubectl mesh tenant verify ${from}`]
          : [`kubectl mesh tenant add ${to} --via none --mtls STRICT`],
    }))
  return {title: 'traffic', checks, findings}
}
