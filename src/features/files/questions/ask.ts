import {withAnswers} from '../../../run/ask-missing.ts'
import {contextArguments} from '../../../run/command-line.ts'
import {untilAnswered} from '../../../run/confirm.ts'
import type {Access} from '../../../run/run.ts'
import type {DocumentKinds} from '../../../spec/documents/kind.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'

/** The flags that choose files. */
export interface FileFlags {
  filename?: string[] | undefined
  recursive: boolean
  context?: string | undefined
}

/** What the question for a file needs. */
export interface FileAsker {
  kinds: DocumentKinds
  terminal: Terminal
  /** Undefined for a command that connects to no cluster. */
  access?: Access
  /** `--yes`: there is no question. Undefined for a command without the flag. */
  yes?: boolean
  /** The answers, for the review before the confirmation. */
  answers?: string[]
  /** The command reports the problems of documents, so a file that has some can be chosen. */
  reportsProblems?: boolean
}

/**
 * Asks for a mesh file or folder on a terminal if `-f` is missing, and runs the command. At the end, it prints the command line that
 * makes the same run.
 *
 * @param work gets the flags with the answer
 */
export async function askMissingFile<F extends FileFlags, T>(
  flags: F,
  {kinds, terminal, access, yes, answers, reportsProblems = false}: FileAsker,
  work: (flags: F) => Promise<T>,
): Promise<T> {
  if (flags.filename !== undefined || !terminal.interactive || yes) return work(flags)
  const {recursive, context = ''} = flags
  const reading = {kinds, recursive, context, reportsProblems}
  const {path, isForCurrent} = await untilAnswered(async () => {
    const {askFile} = await import('./questions.ts')
    return askFile(reading, terminal)
  })
  const words = ['-f', path]
  answers?.push(...words)
  const where = access && isForCurrent ? contextArguments('', access) : []
  return withAnswers({words: () => words, where, yes, terminal}, () => work({...flags, filename: [path]}))
}
