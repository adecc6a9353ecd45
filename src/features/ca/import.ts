import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {type ExitCode, exitCodes, MeshError, usageError} from '../../errors.ts'
import {defaultCaFolder} from '../../mesh/ca/create-root.ts'
import {checkImport, type ImportedCa, storeImport} from '../../pki/folder/import-cluster.ts'
import {listRequests} from '../../pki/folder/request-cluster.ts'
import {pemOf} from '../../pki/pem-of.ts'
import type {NamedPem} from '../../pki/signed.ts'
import {exitAfterChange} from '../../run/apply-plan.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {cannotRead} from '../../text/file-errors.ts'
import {readBytes} from '../../text/read-text.ts'
import {shellWord} from '../../text/shell-word.ts'
import {importWarnings} from './report-import.ts'
import type {CaImportSpec} from './spec-organization.ts'

/**
 * Imports the signed CA of each cluster into the CA folder. All of them are checked before the first is stored. Prints the
 * folder of each to stdout.
 *
 * @throws MeshError that lists all certificates that cannot be used (exit 2), and if a cluster has another certificate or the
 *   folder another root (exit 3)
 */
export async function importCas(spec: CaImportSpec, terminal: Terminal): Promise<ExitCode> {
  const folder = spec.dir ?? defaultCaFolder
  const now = new Date()
  const root = spec.rootCert === undefined ? undefined : await readPem(spec.rootCert)
  const files = spec.from === undefined ? Object.entries(spec.cluster) : await filesIn(spec.from, folder)
  const checked = await checkAll(files, async (cluster, file) => {
    const signed = await readPem(file)
    return checkImport(folder, cluster, {
      signed,
      ...(root === undefined ? {} : {root}),
      now,
      trustDomain: spec.trustDomain,
      renew: spec.renew,
    })
  })
  for (const ca of checked) {
    await storeImport(folder, ca)
    terminal.print(join(folder, ca.cluster))
    const until = ca.certificate.notAfter.toISOString().slice(0, 10)
    terminal.message(`${ca.cluster}: intermediate CA ${ca.isStored ? 'unchanged' : 'imported'}, valid until ${until}`)
    terminal.message(formatWarnings(importWarnings(ca, now)))
  }
  terminal.message(`hint:  kubectl mesh federate --contexts CTX,CTX --ca-dir ${shellWord(folder)}`)
  return checked.every(({isStored}) => isStored) ? exitCodes.ok : exitAfterChange({terminal})
}

/** Checks every file, so that all problems are reported at once. The lowest exit code of them applies: invalid input first. */
async function checkAll(
  files: readonly [string, string][],
  check: (cluster: string, file: string) => Promise<ImportedCa>,
): Promise<ImportedCa[]> {
  const results = await Promise.allSettled(files.map(([cluster, file]) => check(cluster, file)))
  const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const unknown = errors.find(error => !(error instanceof MeshError))
  if (unknown !== undefined) throw unknown
  const problems = (errors as MeshError[]).flatMap(error => error.problems)
  const isUsage = (errors as MeshError[]).some(({exit}) => exit === exitCodes.usage)
  if (problems.length > 0) throw new MeshError(problems, isUsage ? exitCodes.usage : exitCodes.refused, errors[0])
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

/** The files of `--from`, by cluster. Every request needs one. */
async function filesIn(from: string, folder: string): Promise<[string, string][]> {
  const present = await readdir(from).catch(cannotRead(from))
  const clusters = await listRequests(folder)
  if (clusters.length === 0)
    throw usageError(
      `${folder} contains no requests`,
      `kubectl mesh ca request --dir ${shellWord(folder)} --cluster NAME`,
    )
  return clusters.map(cluster => {
    const names = ['pem', 'crt', 'cer'].map(ending => `${cluster}.${ending}`).filter(name => present.includes(name))
    if (names.length === 1) return [cluster, join(from, names[0]!)]
    throw usageError(
      names.length === 0
        ? `${from} has no file for ${cluster}: ${cluster}.pem, ${cluster}.crt or ${cluster}.cer`
        : `${from} has several files for ${cluster}: ${names.join(', ')}`,
      `name the file of each cluster: --cluster ${cluster}=FILE`,
    )
  })
}

async function readPem(file: string): Promise<NamedPem> {
  const bytes = await readBytes(file).catch(cannotRead(file))
  return {text: pemOf({name: file, bytes}, 'certificate'), file}
}
