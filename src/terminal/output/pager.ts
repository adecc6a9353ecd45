import {spawn} from 'node:child_process'
import type {Writable} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {widthOf} from '../../text/width.ts'
import {asciiMarks, hasUtf8} from './ascii.ts'
import type {Terminal} from './terminal.ts'

/** A stream of the process. `rows` and `columns` only on a terminal. */
type Screen = Writable & {fd?: number; isTTY?: boolean; rows?: number; columns?: number}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Shows a text on a terminal, in a pager if it has more lines than the screen. Without a terminal, the text is written as it
 * is.
 *
 * @param full ready to print: escaped, styled
 * @param stream stdout or stderr of the terminal
 */
export async function showText(
  full: string,
  {interactive}: Pick<Terminal, 'interactive'>,
  stream: Screen,
  env: Env = process.env,
): Promise<void> {
  const text = stream.isTTY && !hasUtf8(env) ? asciiMarks(full) : full
  const pager = pagerOf(env)
  const isPaged = interactive && stream.isTTY && pager !== undefined && !fits(text, stream)
  if (!isPaged || !(await runPager(pager, text, stream, env))) stream.write(text)
}

/** The command line of the pager. Undefined if the user wants none. */
export function pagerOf(env: Env): string | undefined {
  if (env.TERM === 'dumb') return undefined
  const pager = env.KUBECTL_MESH_PAGER ?? env.PAGER ?? 'less -R'
  return pager.trim() === '' || pager.trim() === 'cat' ? undefined : pager
}

/** Whether a text fits on the screen, with a line for what follows. */
export function fits(text: string, {rows = 24, columns = 80}: Pick<Screen, 'rows' | 'columns'>): boolean {
  const lines = stripVTControlCharacters(text).replace(/\n$/, '').split('\n')
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0) < rows
}

/** Runs the pager, as git does: through a shell. Returns false if it cannot be started. */
async function runPager(pager: string, text: string, {fd = 1}: Screen, env: Env): Promise<boolean> {
  return ignoringInterrupts(
    () =>
      new Promise(resolve => {
        // F and X: less ends at once if the text fits, and leaves it on the screen; R: colors (git, environment.c).
        const child = spawn(pager, {
          shell: true,
          stdio: ['pipe', fd, 'inherit'],
          env: {...env, LESS: env.LESS ?? 'FRX'},
        })
        child.once('error', () => resolve(false))
        // 126 and 127: the shell cannot run the program (POSIX, XCU 2.8.2).
        child.once('close', code => resolve(code !== 126 && code !== 127))
        // The user may leave before the end of the text.
        child.stdin!.on('error', () => undefined)
        child.stdin!.end(text)
      }),
  )
}

/** Ctrl-C in a pager or diff program is for that program: it must not end the run. */
export async function ignoringInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const listeners = process.rawListeners('SIGINT') as NodeJS.SignalsListener[]
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  for (const listener of listeners) process.off('SIGINT', listener)
  try {
    return await work()
  } finally {
    for (const listener of listeners) process.on('SIGINT', listener)
    process.off('SIGINT', ignore)
  }
}
