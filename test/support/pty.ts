import {spawn} from 'node:child_process'
import {stripVTControlCharacters} from 'node:util'

/** A program that runs in a pseudo-terminal. python3 creates it, because Node.js cannot. */
export interface PtyProcess {
  /** All output so far, stdout and stderr together, without control sequences. */
  screen(): string
  /** Waits until the output since the last `type` matches. Rejects after 20 s, or if the program ends. */
  sees(pattern: string | RegExp): Promise<void>
  /** Sends keys. */
  type(keys: string): void
  /** The exit code of the program; -1 for a signal. */
  ended: Promise<number>
  kill(): void
}

/** Keys without a printable character. */
export const keys = {enter: '\r', space: ' ', down: '\x1b[B', ctrlC: '\x03'}

/** Runs its arguments in a pseudo-terminal, and copies bytes between it and stdin and stdout. */
const driver = `
import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 60, 160, 0, 0))
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

/** Starts a program in a terminal of 60 lines and 160 columns. */
export function startPty(
  argv: readonly string[],
  options: {cwd?: string; env?: Record<string, string | undefined>} = {},
): PtyProcess {
  const child = spawn('python3', ['-c', driver, ...argv], {
    cwd: options.cwd,
    env: {...process.env, TERM: 'xterm-256color', ...options.env},
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let from = 0
  let hasEnded = false
  let changed = () => {}
  child.stdin.on('error', () => undefined)
  child.stdout.setEncoding('utf8').on('data', text => {
    shown += text
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
    sees: async pattern => {
      const late = AbortSignal.timeout(20_000)
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
