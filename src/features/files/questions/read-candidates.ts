import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {MeshError} from '../../../errors.ts'
import {checkDocuments} from '../../../spec/documents/documents.ts'
import type {DocumentKinds} from '../../../spec/documents/kind.ts'
import {type DocumentProblem, placeOf} from '../../../spec/documents/problem.ts'
import {hasMeshFile, isExamined, maxExamined} from '../../../spec/documents/sources.ts'
import {count} from '../../../text/count.ts'

/** A file or folder that `-f` can name. */
export interface FileCandidate {
  path: string
  /** Number of documents, and of files of a folder; the number of problems if there are some. */
  about: string
  /** Why it cannot be used. */
  problem: string | undefined
  /** Whether a document is for the current context. */
  isForCurrent: boolean
}

/** How paths are read. */
export interface PathReading {
  kinds: DocumentKinds
  recursive: boolean
  /** Context of documents for one cluster that name none; '' for the current one. */
  context: string
  /** The command itself reports the problems of documents, so a file that has some can be used. */
  reportsProblems: boolean
}

/**
 * Returns the mesh files of a folder, its folders with mesh files, and the folder itself if it has several.
 *
 * @param folder path; '' for the working folder
 */
export async function readCandidates(folder: string, reading: PathReading): Promise<FileCandidate[]> {
  const entries = (await readdir(folder || '.', {withFileTypes: true}))
    .filter(({name}) => isExamined(name))
    .map(entry => `${join(folder, entry.name)}${entry.isDirectory() ? '/' : ''}`)
    .sort()
    .slice(0, maxExamined)
  const found: FileCandidate[] = []
  for (const path of entries)
    if (/(?:\.ya?ml|\.json|\/)$/.test(path) && (await hasMeshFile(path))) found.push(await readPath(path, reading))
  if (found.filter(({path}) => !path.endsWith('/')).length < 2) return found
  const all = await readPath(folder || '.', reading)
  return all.problem === undefined ? [...found, all] : found
}

/** Returns what a path contains, and why it cannot be used. */
export async function readPath(path: string, reading: PathReading): Promise<FileCandidate> {
  const {kinds, recursive, context, reportsProblems} = reading
  try {
    const {documents, problems, files} = await checkDocuments({paths: [path], recursive, context}, kinds)
    return {
      path,
      about: problems.length > 0 ? count(problems.length, 'problem') : inFiles(documents.length, files),
      problem: reportsProblems ? undefined : problemText(path, problems),
      isForCurrent: documents.some(document => document.context === ''),
    }
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    return {path, about: '', problem: error.problems[0]!.message, isForCurrent: false}
  }
}

function inFiles(documents: number, files: number): string {
  return `${count(documents, 'document')}${files === 1 ? '' : ` in ${count(files, 'file')}`}`
}

function problemText(path: string, [first, ...others]: readonly DocumentProblem[]): string | undefined {
  if (!first) return undefined
  const place = first.file === path ? `line ${first.line}` : placeOf(first)
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'other problem')})`
  return `${place}: ${first.message}${more}`
}
