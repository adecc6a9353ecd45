import {defaultCaFolder} from '../../mesh/ca/create-root.ts'
import {listRequests} from '../../pki/folder/request-cluster.ts'
import {pemOf} from '../../pki/pem-of.ts'
import {readCertificates} from '../../pki/read.ts'
import type {Asker} from '../../run/ask-missing.ts'
import type {RawSpec} from '../../spec/read.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {askText} from '../../terminal/prompts.ts'
import {fileReason} from '../../text/file-errors.ts'
import {readBytes} from '../../text/read-text.ts'
import type {caIssueFields} from './spec.ts'
import type {caImportFields, caRequestFields} from './spec-organization.ts'

type RawIssue = RawSpec<typeof caIssueFields>
type RawRequest = RawSpec<typeof caRequestFields>
type RawImport = RawSpec<typeof caImportFields>

/** Asks for the clusters to issue CAs for, unless the input names them. Returns the answers only. */
export async function askIssue({cluster}: RawIssue, {terminal}: Pick<Asker, 'terminal'>): Promise<RawIssue> {
  return cluster === undefined ? {cluster: await askNames(terminal)} : {}
}

/** Asks for the clusters to request CAs for, unless the input names them or their contexts. Returns the answers only. */
export async function askRequest(
  {cluster, contexts}: RawRequest,
  {terminal}: Pick<Asker, 'terminal'>,
): Promise<RawRequest> {
  return cluster === undefined && contexts === undefined ? {cluster: await askNames(terminal)} : {}
}

/** Asks for the signed certificate of each requested cluster, unless the input names files. Returns the answers only. */
export async function askImport(
  {cluster, from, dir = defaultCaFolder}: RawImport,
  {terminal}: Pick<Asker, 'terminal'>,
): Promise<RawImport> {
  if (cluster !== undefined || from !== undefined) return {}
  const files: string[] = []
  for (const name of await listRequests(String(dir))) {
    const message = `Which file contains the signed certificate of ${name} (PEM)? Empty to skip it:`
    const file = await askText(terminal, {message, check: text => (text === '' ? undefined : certificateProblem(text))})
    if (file !== '') files.push(`${name}=${file}`)
  }
  return files.length > 0 ? {cluster: files} : {}
}

/** Why a file does not contain a certificate, in words that follow its path. */
async function certificateProblem(file: string): Promise<string | undefined> {
  try {
    readCertificates(pemOf({name: file, bytes: await readBytes(file)}, 'certificate'), file)
    return undefined
  } catch (error) {
    return `cannot be used: ${fileReason(error)}`
  }
}

async function askNames(terminal: Asker['terminal']): Promise<string[]> {
  const namesIn = (text: string) => text.split(',').map(name => name.trim())
  const answer = await askText(terminal, {
    message: 'For which clusters? (their names in the mesh, separated by commas)',
    check: text => {
      const wrong = namesIn(text).find(name => dnsLabel(name) !== undefined)
      return wrong === undefined
        ? undefined
        : `contains ${wrong === '' ? 'an empty name' : `${wrong}, which ${dnsLabel(wrong)}`}`
    },
  })
  return namesIn(answer)
}
