import {join} from 'node:path'
import {type ExitCode, exitCodes, MeshError} from '../../errors.ts'
import {defaultCaFolder} from '../../mesh/ca/create-root.ts'
import type {AuthorityPem} from '../../pki/authority.ts'
import {issueToFolder} from '../../pki/folder/issue-cluster.ts'
import {readCertificates} from '../../pki/read.ts'
import {exitAfterChange} from '../../run/apply-plan.ts'
import {failureOf} from '../../terminal/failure.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {cannotRead} from '../../text/file-errors.ts'
import {readText} from '../../text/read-text.ts'
import type {CaIssue} from './spec.ts'

/**
 * Issues an intermediate CA for each cluster into the CA folder. The root in the folder signs them, or the CA of
 * `--root-cert`. Prints the folder of each to stdout.
 *
 * @throws MeshError for files that cannot be used (exit 2), and if a cluster has a CA or the root differs (exit 3); after
 *   the first cluster, exit 4
 */
export async function issueCas(spec: CaIssue, terminal: Terminal): Promise<ExitCode> {
  const {systemNamespace, keyType, days, renew} = spec
  const folder = spec.dir ?? defaultCaFolder
  const authority = await authorityOf(spec)
  const issued: string[] = []
  for (const cluster of spec.cluster) {
    const ca = await issueToFolder(folder, cluster, {
      systemNamespace,
      keyType,
      renew,
      ...(days === undefined ? {} : {days}),
      ...(authority === undefined ? {} : {authority}),
    }).catch((error: unknown) => {
      throw issued.length === 0 ? error : new MeshError(failureOf(error, undefined).problems, exitCodes.partly, error)
    })
    issued.push(cluster)
    const [certificate] = readCertificates(ca.caCert, cluster)
    terminal.print(join(folder, cluster))
    terminal.message(
      `${cluster}: intermediate CA issued, valid until ${certificate!.notAfter.toISOString().slice(0, 10)}`,
    )
  }
  return exitAfterChange({terminal})
}

async function authorityOf({rootCert, rootKey}: CaIssue): Promise<AuthorityPem | undefined> {
  if (rootCert === undefined || rootKey === undefined) return undefined
  const [certificate, key] = await Promise.all([rootCert, rootKey].map(readPem))
  return {certificate: certificate!, key: key!, files: {certificate: rootCert, key: rootKey}}
}

function readPem(file: string): Promise<string> {
  return readText(file).catch(cannotRead(file))
}
