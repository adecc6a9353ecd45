import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {rightsOfSet} from '../../run/rights-of.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {verified, verifiedOutput} from '../../terminal/output/verify.ts'
import {verifyChecksFor} from './checks-verify.ts'
import {readFilter} from './objects-filter.ts'
import {readAuthzFacts} from './read.ts'
import {recordOf} from './records/objects.ts'
import {readAuthzRecords} from './records/read.ts'
import {authzApplySet, authzVerifyFields, validateAuthzName} from './spec.ts'

/**
 * Checks everything that an authorizer depends on. Only reads.
 *
 * @param context kubeconfig context; '' for the current one
 * @returns 5 if a check failed
 */
export async function verifyAuthorizer(
  raw: RawSpec<typeof authzVerifyFields>,
  context: string,
  run: Omit<ReadRun, 'output'> & {output: 'json' | 'yaml' | undefined},
): Promise<ExitCode> {
  const input = readSpec(authzVerifyFields, raw, validateAuthzName)
  const cluster = await connect(run.access, context, rightsOfSet(authzApplySet({...input, name: input.name!})))
  const [facts, records] = await Promise.all([
    readAuthzFacts(cluster, input),
    readAuthzRecords(cluster, input.systemNamespace),
  ])
  const spec = {...input, name: input.name!, revision: facts.revision}
  const record = recordOf(records, spec.name, facts.revision)
  const {owns, adopts, unrecorded} = await readTrustedMembership(cluster, record?.set ?? authzApplySet(spec))
  const isOurs = (object: KubernetesObject) => owns(object) || adopts(object, run.access.manager)
  const filter = facts.filters.find(isOurs)
  const provider = facts.providers.find(({name}) => name === spec.name) ?? (filter && readFilter(filter))
  const subject = {spec, facts, provider, filter, unrecorded, isOurs}
  const checks = verifyChecksFor(subject)
  const findings = runChecks(checks, subject)
  const address = provider ? `   (${provider.type}, ${provider.service}:${provider.port})` : ''
  run.terminal.print(
    verifiedOutput([verified(`${spec.name}${address}`, checks, findings)], run.output),
    run.output === undefined ? 'text' : 'data',
  )
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok
}
