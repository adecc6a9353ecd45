import {verifyChecksFor} from '../../checks/authz-verify.ts'
import {runChecks} from '../../checks/check.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {isOfAuthorizer, readAuthzFacts} from '../../facts/authz.ts'
import {readFilter} from '../../istio/authz.ts'
import {formatVerified, verified} from '../../output/verify.ts'
import {authzNameProblems, authzVerifyFields} from '../../specs/authz.ts'
import {type RawSpec, readSpec} from '../../specs/read.ts'
import {connect, type LookRun} from '../run.ts'

/** Looks at all that an authorizer hangs on. Exit code 5 when something is wrong. Only reads. */
export async function verifyAuthorizer(
  raw: RawSpec<typeof authzVerifyFields>,
  context: string,
  run: Omit<LookRun, 'output'> & {output: 'json' | 'yaml' | undefined},
): Promise<ExitCode> {
  const said = readSpec(authzVerifyFields, raw, authzNameProblems)
  const spec = {...said, name: said.name!}
  const facts = await readAuthzFacts(await connect(run.access, context), spec)
  const filter = facts.filters.find(one => isOfAuthorizer(one, spec))
  const provider = facts.providers.find(({name}) => name === spec.name) ?? (filter && readFilter(filter))
  const subject = {spec, facts, provider}
  const checks = verifyChecksFor(subject)
  const findings = runChecks(checks, subject)
  const where = provider ? `   (${provider.type}, ${provider.service}:${provider.port})` : ''
  run.terminal.print(formatVerified([verified(`${spec.name}${where}`, checks, findings)], run.output))
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok
}
