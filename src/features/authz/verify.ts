import {type ExitCode, exitCodes} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatVerified, verified} from '../../terminal/output/verify.ts'
import {verifyChecksFor} from './checks-verify.ts'
import {readFilter} from './istio.ts'
import {isOfAuthorizer, readAuthzFacts} from './read.ts'
import {authzNameProblems, authzVerifyFields} from './spec.ts'

/** Looks at all that an authorizer hangs on. Exit code 5 when something is wrong. Only reads. */
export async function verifyAuthorizer(
  raw: RawSpec<typeof authzVerifyFields>,
  context: string,
  run: Omit<ReadRun, 'output'> & {output: 'json' | 'yaml' | undefined},
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
