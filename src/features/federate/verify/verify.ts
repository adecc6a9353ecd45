import {type ExitCode, exitCodes, usageError} from '../../../errors.ts'
import {readJoinedContexts} from '../../../mesh/contexts/read-joined.ts'
import type {Access} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {formatJunit} from '../../../terminal/output/junit.ts'
import {verifiedOutput} from '../../../terminal/output/verify.ts'
import {servesAmbient} from '../ambient/spec.ts'
import {readRejectedServers} from '../joined/read.ts'
import {federationReads} from '../rights.ts'
import {verifyClusters} from './checks-clusters.ts'
import {observeCluster} from './read.ts'
import {readFederation} from './read-federation.ts'
import type {VerifiedPage} from './report-html.ts'
import {type FederationVerify, federationVerifyFields} from './spec.ts'
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
  const spec = await withJoined(readSpec(federationVerifyFields, raw), run.access)
  const {all, unreachable, federation} = await readFederation(spec, raw, run.access)
  const namespace = spec.traffic ? await confirmHello(all, run) : undefined
  const {systemNamespace} = spec
  const scope = {systemNamespace, gateways: federation.mode === 'gateways', ambient: servesAmbient(federation)}
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
  const hello = namespace === undefined ? undefined : await tryHello(observed, namespace, spec, run)
  if (hello) verified.push(hello.verified)
  const shown = {verified, answers: hello?.answers ?? [], columns: helloColumns(all), time: new Date()}
  await printVerified(shown, run)
  const failed = verified.some(({findings}) => findings.some(({level}) => level === 'error'))
  return failed ? exitCodes.check : exitCodes.ok
}

/** Without contexts, the clusters are those of the mesh of the current context's cluster. */
async function withJoined(spec: FederationVerify, access: Access): Promise<FederationVerify> {
  if (spec.contexts.length > 0) return spec
  const contexts = await readJoinedContexts(spec, access, federationReads(spec))
  if (contexts.length > 1) return {...spec, contexts}
  throw usageError(
    `${clusterNameFrom(contexts[0]!)} is not joined with any other cluster; specify the clusters to verify`,
    '--contexts ONE,OTHER',
    'to join clusters: kubectl mesh federate --contexts ONE,OTHER',
  )
}

async function printVerified(shown: VerifiedPage, {terminal, output}: FederationVerifyRun): Promise<void> {
  const {verified, answers, columns} = shown
  if (output === 'html') return terminal.print((await import('./report-html.ts')).formatVerifiedPage(shown))
  if (output === 'junit') return terminal.print(formatJunit('kubectl mesh federate verify', verified))
  if (output === undefined && answers.length > 0)
    terminal.print(`${formatHello(answers, columns, helloRequests)}\n`, 'text')
  terminal.print(verifiedOutput(verified, output), output === undefined ? 'text' : 'data')
}
