import {type ExitCode, exitCodes} from '../../../errors.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {formatJunit} from '../../../terminal/output/junit.ts'
import {verifiedOutput} from '../../../terminal/output/verify.ts'
import {readRejectedServers} from '../joined/read.ts'
import {validateFederationStatus} from '../status/spec.ts'
import {verifyClusters} from './checks-clusters.ts'
import {observeCluster} from './read.ts'
import {readFederation} from './read-federation.ts'
import {federationVerifyFields} from './spec.ts'
import {formatHello, helloColumns, helloRequests} from './traffic/report.ts'
import {confirmHello, type FederationVerifyRun, tryHello} from './traffic/traffic.ts'

/**
 * Verifies that clusters form one mesh: checks the objects in their API servers, the state of every istiod and the
 * credentials that the clusters hold for each other. With `--traffic` also sends requests.
 *
 * @returns 5 if a check found an error, such as a cluster that is not reachable; else 0
 */
export async function verifyFederation(
  raw: RawSpec<typeof federationVerifyFields>,
  run: FederationVerifyRun,
): Promise<ExitCode> {
  const spec = readSpec(federationVerifyFields, raw, validateFederationStatus)
  const {all, unreachable, federation} = await readFederation(spec, raw, run.access)
  const namespace = spec.traffic ? await confirmHello(all, run) : undefined
  const {systemNamespace} = spec
  const scope = {systemNamespace, gateways: federation.mode === 'gateways'}
  const observed = await Promise.all(
    all.map(member => observeCluster(member, all, scope, unreachable.get(member.context))),
  )
  const verified = verifyClusters(
    observed,
    federation,
    spec,
    new Date(),
    scope.gateways ? [] : await readRejectedServers(all),
  )
  if (namespace !== undefined) {
    const hello = await tryHello(observed, namespace, spec, run)
    verified.push(hello.verified)
    if (run.output === undefined && hello.answers.length > 0)
      run.terminal.print(`${formatHello(hello.answers, helloColumns(all), helloRequests)}\n`)
  }
  run.terminal.print(
    run.output === 'junit'
      ? formatJunit('kubectl mesh federate verify', verified)
      : verifiedOutput(verified, run.output),
  )
  const failed = verified.some(({findings}) => findings.some(({level}) => level === 'error'))
  return failed ? exitCodes.check : exitCodes.ok
}
