import {setTimeout as sleep} from 'node:timers/promises'
import {type ExitCode, exitCodes} from '../errors.ts'
import {type ListFlags, listOptionsOf} from '../terminal/list/flags.ts'
import {isTable, type ListOptions} from '../terminal/list/list-format.ts'
import {belowLines, type Listing, listingLines} from '../terminal/list/listing.ts'
import type {StyledLine} from '../terminal/output/styled.ts'
import type {Terminal} from '../terminal/output/terminal.ts'
import {type Access, type AccessFlags, accessOf} from './run.ts'

/** Everything that a list or status command needs from outside. */
export interface ListRun {
  terminal: Terminal
  access: Access
  list: ListOptions
}

/** Milliseconds between two reads of `--watch` and `--wait`. */
const interval = {watch: 5000, wait: 2000}

/**
 * Runs a list or status command, once or with `--watch` until Ctrl-C.
 *
 * @param work reads and prints the list
 * @throws MeshError (exit 2) for invalid flags
 */
export async function runList(
  flags: ListFlags & AccessFlags & WaitFlags,
  terminal: Terminal,
  work: (run: ListRun) => Promise<ExitCode>,
): Promise<ExitCode> {
  const list = await listOptionsOf(flags)
  const access = accessOf(flags)
  if (!flags.watch) return untilOk(flags, terminal, shown => work({terminal: shown, access, list}))
  const nextTerminal = changesOnly(terminal)
  await work({terminal: nextTerminal(), access, list})
  for (;;) {
    await sleep(interval.watch)
    await work({terminal: nextTerminal(), access, list: {...list, again: true}})
  }
}

/**
 * Returns a function that gives each read of `--watch` its terminal. It prints the lines that the read before did not have, so
 * that a row which returns to an earlier state is printed again.
 */
function changesOnly(terminal: Terminal): () => Terminal {
  let current = new Set<string>()
  return () => {
    const previous = current
    current = new Set()
    const fresh = (line: StyledLine) => {
      const text = line.compared ?? line.text
      current.add(text)
      return !previous.has(text)
    }
    return {
      ...terminal,
      print: (lines, content) => terminal.print(linesOf(lines).filter(fresh), content),
      message: lines => terminal.message(linesOf(lines).filter(fresh)),
    }
  }
}

/** Text or lines as lines. */
function linesOf(lines: string | readonly (string | StyledLine)[]): StyledLine[] {
  const all = typeof lines === 'string' ? lines.replace(/\n$/, '').split('\n') : lines
  return all.map(line => (typeof line === 'string' ? {text: line} : line))
}

/** The flags of `--wait` as oclif parses them. */
export interface WaitFlags {
  wait?: boolean
  /** Milliseconds. */
  timeout?: number
}

/**
 * Runs a command that reads, with `--wait` until its exit code is 0 or the time is over. Only the last result is printed.
 *
 * @param work reads and prints
 */
export async function untilOk(
  {wait, timeout = 300_000}: WaitFlags,
  terminal: Terminal,
  work: (terminal: Terminal) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (!wait) return work(terminal)
  const end = performance.now() + timeout
  for (;;) {
    const output: (() => void)[] = []
    const held: Terminal = {
      ...terminal,
      print: (text, content) => output.push(() => terminal.print(text, content)),
      message: lines => output.push(() => terminal.message(lines)),
    }
    const isLast = performance.now() + interval.wait > end
    const exit = await work(held)
    if (exit === exitCodes.ok || isLast) {
      for (const write of output) write()
      return exit
    }
    await sleep(interval.wait)
  }
}

/**
 * Prints a listing, in colors on a terminal. With `--no-headers`, a program reads the rows: what is below the table goes to
 * stderr.
 */
export function printListing<R>({terminal, list}: Pick<ListRun, 'terminal' | 'list'>, listing: Listing<R>): void {
  terminal.print(listingLines(listing, list), isTable(list) ? 'text' : 'data')
  if (!list.noHeaders) return
  const below = belowLines(listing, list).filter(({text}) => text !== '')
  if (below.length > 0) terminal.message(below)
}
