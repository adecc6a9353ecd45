import {spawn} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'
import {stripVTControlCharacters} from 'node:util'
import xterm from '@xterm/headless'

/** A program that runs in a pseudo-terminal. python3 creates it, because Node.js cannot. */
export interface PtyProcess {
  /** All output so far, stdout and stderr together, without control sequences. */
  screen(): string
  /** All output so far, with control sequences. */
  bytes(): string
  /**
   * What the screen of a terminal shows, with the lines that have scrolled off it. Without spaces at the ends of lines. One drawing of the
   * program may arrive in several pieces, so this waits until nothing has arrived for a moment.
   */
  shows(): Promise<string>
  /** Waits until the output since the last `type` matches. Rejects after 60 s, or if the program ends. */
  sees(pattern: string | RegExp): Promise<void>
  /** Sends keys. */
  type(keys: string): void
  /** The exit code of the program; -1 for a signal. */
  ended: Promise<number>
  kill(): void
}

/** Keys without a printable character. */
export const keys = {enter: '\r', space: ' ', down: '\x1b[B', ctrlC: '\x03'}

/** Matches a text that a terminal may break at any character. */
export function wrapped(text: string): RegExp {
  const characters = [...text].map(one => (one === ' ' ? '\\s+' : one.replace(/[?.()[\]]/, '\\$&')))
  return new RegExp(characters.join('\\n?'))
}

/** Runs its arguments in a pseudo-terminal, and copies bytes between it and stdin and stdout. */
const driver = `
import fcntl, os, pty, select, struct, sys, termios
rows, columns, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', int(rows), int(columns), 0, 0))
    os.execvp(command[0], command)
sources = [terminal, 0]
while terminal in sources:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b''
        if not data:
            sources.remove(source)
        elif source == 0:
            os.write(terminal, data)
        else:
            os.write(1, data)
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 255)
`

/** Starts a program in a terminal, by default of 60 lines and 160 columns, with UTF-8. */
export function startPty(
  argv: readonly string[],
  options: {cwd?: string; env?: Record<string, string | undefined>; size?: {rows: number; columns: number}} = {},
): PtyProcess {
  const {rows, columns} = options.size ?? {rows: 60, columns: 160}
  const emulator = new xterm.Terminal({rows, cols: columns, scrollback: 10_000, allowProposedApi: true})
  const child = spawn('python3', ['-c', driver, `${rows}`, `${columns}`, ...argv], {
    cwd: options.cwd,
    // In CI, the program would not prompt.
    env: {...process.env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', CI: undefined, ...options.env},
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let from = 0
  let hasEnded = false
  let changed = () => {}
  child.stdin.on('error', () => undefined)
  child.stdout.setEncoding('utf8').on('data', text => {
    shown += text
    emulator.write(text)
    changed()
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      hasEnded = true
      changed()
      resolve(code === null || code === 255 ? -1 : code)
    })
  })
  const screen = () => stripVTControlCharacters(shown).replaceAll('\r\n', '\n')
  const newOutput = () => stripVTControlCharacters(shown.slice(from)).replaceAll('\r\n', '\n')
  return {
    screen,
    bytes: () => shown,
    shows: async () => {
      for (let length = -1, rounds = 0; length !== shown.length && rounds < 20; rounds++) {
        length = shown.length
        await sleep(150)
      }
      await new Promise<void>(done => emulator.write('', done))
      const {active} = emulator.buffer
      const lines = Array.from({length: active.length}, (_, at) => active.getLine(at)!.translateToString(true))
      return `${lines.join('\n').trimEnd()}\n`
    },
    sees: async pattern => {
      const late = AbortSignal.timeout(60_000)
      for (;;) {
        const text = newOutput()
        if (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)) return
        if (hasEnded || late.aborted) throw new Error(`the screen does not show ${pattern}:\n${screen()}`)
        await new Promise<void>(resolve => {
          changed = resolve
          late.addEventListener('abort', () => resolve(), {once: true})
        })
      }
    },
    type: text => {
      from = shown.length
      child.stdin.write(text)
    },
    ended,
    kill: () => child.kill('SIGKILL'),
  }
}

/** Returns the arguments of the command line that a run with questions prints at its end. */
export function repeatedArguments(screen: string): string | undefined {
  return /To repeat this run with the same answers:\n +kubectl mesh (.*)\n/.exec(screen)?.[1]
}
