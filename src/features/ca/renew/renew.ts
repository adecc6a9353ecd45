import type {Outcome} from '../../../engine/plan/apply.ts'
import {type ExitCode, exitCodes, refusedError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {defaultCaFolder} from '../../../mesh/ca/create-root.ts'
import type {CaCerts} from '../../../pki/ca-certs.ts'
import {issueToFolder} from '../../../pki/folder/issue-cluster.ts'
import {hasNext} from '../../../pki/folder/next.ts'
import {type CaFolder, readFolder} from '../../../pki/folder/read.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {exitAfterChange, stoppedBy} from '../../../run/apply-plan.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import {confirmChange} from '../../../run/confirm.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {holdLeases} from '../../../run/lease/leased.ts'
import {writeInTurn} from '../../../run/lease/write-in-turn.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import type {Run} from '../../../run/run.ts'
import {goDuration} from '../../../spec/durations.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {formatWarnings} from '../../../terminal/output/findings.ts'
import {count} from '../../../text/count.ts'
import {caChangeChecks} from '../change/checks.ts'
import {buildRenewedCa} from '../change/objects.ts'
import {type CaMember, readCaMember} from '../change/read.ts'
import {showReview} from '../change/show-review.ts'
import {waitForSigners} from '../change/wait-for-signers.ts'
import {renewalChecks} from './checks.ts'
import {type Renewal, renewalOf} from './choose.ts'
import {formatRenewals} from './report.ts'
import {type CaRenew, caRenewFields, validateCaRenew} from './spec.ts'

/**
 * Renews the intermediate CAs that expire soon, below the same root: `mesh ca renew`. Changes one cluster after the other, each
 * after the istiods of the one before use their new CA. An interrupted run is continued by the next one.
 *
 * @throws MeshError (exit 2) for invalid input, (exit 3) if nothing was written, (exit 4) if the run stopped
 */
export async function renewCas(raw: RawSpec<typeof caRenewFields>, run: Run): Promise<ExitCode> {
  const spec = readSpec(caRenewFields, raw, validateCaRenew)
  refuseClientDryRun(run)
  const now = new Date()
  const {dir, folder, renewals} = await prepare(spec, run, now)
  const due = renewals.filter(({action}) => action !== 'keep')
  const shown = formatRenewals(renewals, spec.systemNamespace, now)
  if (run.write.dryRun === 'server') {
    run.terminal.print(shown, 'text')
    return due.length > 0 && run.write.exitCode ? exitCodes.differences : exitCodes.ok
  }
  showReview(
    shown,
    due.map(({member}) => member.name),
    spec.systemNamespace,
    run,
  )
  if (due.length === 0) {
    run.terminal.message(`no intermediate CA expires within ${goDuration(spec.expiresWithin)}`)
    return exitCodes.ok
  }
  await confirmChange(`Renew ${count(due.length, 'intermediate CA')}?`, run)
  await holdLeases(
    due.map(({member}) => planeOf(member)),
    run,
  )
  const outcomes: Outcome[] = []
  try {
    const cas = await issueAll(due, {dir, folder, spec})
    for (const [at, {member}] of due.entries()) await install(member, cas[at]!, run, outcomes)
  } catch (error) {
    throw stoppedBy(error, outcomes, commandLineOf(caRenewFields, spec, run), run)
  }
  return exitAfterChange(run)
}

interface Prepared {
  dir: string
  folder: CaFolder
  renewals: Renewal[]
}

/** Reads the folder and the clusters, and checks them. */
async function prepare(spec: CaRenew, run: Run, now: Date): Promise<Prepared> {
  const dir = spec.dir ?? defaultCaFolder
  if (await hasNext(dir))
    throw refusedError(
      `${dir} contains a new root: a change of the root is in progress`,
      'complete it or take it back first: kubectl mesh ca rotate',
    )
  const folder = await readFolder(dir)
  run.terminal.message(formatWarnings(folder.warnings))
  const members = await Promise.all(spec.contexts.map(context => readCaMember(spec, context, run)))
  const roots = readCertificates(folder.root.certificate, `${dir}/root-cert.pem`)
  reportFindings(runChecks(caChangeChecks, {members, folder: dir, roots}), run)
  const renewals = members.map(member =>
    renewalOf(member, folder.clusters[member.name], {expiresWithin: spec.expiresWithin, now}),
  )
  reportFindings(runChecks(renewalChecks, {renewals, roots, stored: folder.clusters, now}), run)
  return {dir, folder, renewals}
}

function planeOf({name, cluster, systemNamespace}: CaMember) {
  return {name, cluster, namespace: systemNamespace}
}

/** Issues all missing CAs before the first cluster changes. If the run is killed, the next one installs them. */
async function issueAll(
  due: readonly Renewal[],
  {dir, folder, spec}: {dir: string; folder: CaFolder; spec: CaRenew},
): Promise<CaCerts[]> {
  const {systemNamespace, keyType, days} = spec
  const cas: CaCerts[] = []
  for (const {member, action} of due) {
    const options = {systemNamespace, keyType, renew: true, ...(days === undefined ? {} : {days})}
    cas.push(action === 'install' ? folder.clusters[member.name]! : await issueToFolder(dir, member.name, options))
  }
  return cas
}

async function install(member: CaMember, ca: CaCerts, run: Run, outcomes: Outcome[]): Promise<void> {
  const {name, cluster, systemNamespace} = member
  const written = {name, cluster, set: federationApplySet({systemNamespace})}
  await writeInTurn(written, [buildRenewedCa(member, ca)], run, outcomes)
  const [certificate] = readCertificates(ca.caCert, 'ca-cert.pem') as [Certificate]
  const istiods = await waitForSigners(member, certificate, run)
  const until = certificate.notAfter.toISOString().slice(0, 10)
  run.terminal.print(
    istiods === 0
      ? `${name}: intermediate CA renewed, valid until ${until}; no istiod is ready, it reads the CA when it starts`
      : `${name}: intermediate CA renewed, valid until ${until}; used by ${count(istiods, 'istiod')}`,
  )
}
