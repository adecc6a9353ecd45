import {type ExitCode, exitCodes} from '../../errors.ts'
import {checkDocuments, type DocumentChoice} from '../../spec/documents/documents.ts'
import type {DocumentKinds} from '../../spec/documents/kind.ts'
import {documentError} from '../../spec/documents/problem.ts'
import {findSkipped} from '../../spec/documents/sources.ts'
import {isTable, type ListFormat} from '../../terminal/list/list-format.ts'
import {formatListing} from '../../terminal/list/listing.ts'
import {formatJunit} from '../../terminal/output/junit.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {count} from '../../text/count.ts'
import {documentListing, skippedLines, validationOf} from './report-documents.ts'

/**
 * Validates mesh files and prints their documents. Needs no cluster.
 *
 * @throws MeshError (exit 2) that lists all problems, after the valid documents are printed
 */
export async function validateFiles(
  choice: DocumentChoice,
  kinds: DocumentKinds,
  terminal: Terminal,
  output: ListFormat | 'junit',
): Promise<ExitCode> {
  if (!choice.recursive) terminal.message(skippedLines(await findSkipped(choice.paths)))
  const {documents, problems, files} = await checkDocuments(choice, kinds)
  if (output === 'junit') terminal.print(formatJunit('kubectl mesh validate', validationOf(documents, problems)))
  else if (documents.length > 0 || output === 'json' || output === 'yaml')
    terminal.print(formatListing(documentListing(documents, problems), output), isTable(output) ? 'text' : 'data')
  if (problems.length > 0) throw documentError(problems)
  terminal.message(`${count(documents.length, 'document')} in ${count(files, 'file')}: valid`)
  return exitCodes.ok
}
