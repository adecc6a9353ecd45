import {setTimeout as sleep} from 'node:timers/promises'
import {type ExitCode, exitCodes} from '../errors.ts'
import {type ListFlags, listOptionsOf} from '../terminal/list/flags.ts'
import type {ListOptions} from '../terminal/list/list-format.ts'
import {type Listing, listingLines} from '../terminal/list/listing.ts'
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
  const seen = new Set<string>()
  const changed = changesOnly(terminal, seen)
  await work({terminal: changed, access, list})
  for (;;) {
    await sleep(interval.watch)
    await work({terminal: changed, access, list: {...list, noHeaders: true}})
  }
}

/** A terminal that prints each line once: after the first read of `--watch`, only rows that are new or different. */
function changesOnly(terminal: Terminal, seen: Set<string>): Terminal {
  const fresh = (text: string) => !seen.has(text) && seen.add(text) !== undefined
  return {
    ...terminal,
    print: lines => {
      const all =
        typeof lines === 'string'
          ? lines
              .replace(/\n$/, '')
              .split('\n')
              .map(text => ({text}))
          : lines
      terminal.print(all.filter(({text}) => fresh(text)))
    },
    message: lines => {
      const all = typeof lines === 'string' ? [lines] : lines
      terminal.message(all.filter(line => fresh(textOf(line))))
    },
  }
}

function textOf(line: string | StyledLine): string {
  return typeof line === 'string' ? line : line.text
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
      print: text => output.push(() => terminal.print(text)),
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

/** Prints a listing, in colors on a terminal. */
export function printListing<R>({terminal, list}: Pick<ListRun, 'terminal' | 'list'>, listing: Listing<R>): void {
  terminal.print(listingLines(listing, list))
}
