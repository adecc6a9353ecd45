import type {Writable} from 'node:stream'

/** What a terminal without UTF-8 shows in place of the marks and lines that this program and its prompts print. */
const marks: Readonly<Record<string, string>> = {
  '✔': '+',
  '✓': '+',
  '✘': 'x',
  '✗': 'x',
  '✖': 'x',
  '‼': '!',
  '⚠': '!',
  '…': '...',
  '–': '-',
  '—': '-',
  '−': '-',
  '·': '-',
  '•': '*',
  '→': '->',
  '❯': '>',
  '▶': '>',
  '◉': '(*)',
  '◯': '( )',
  '↑': 'up ',
  '↓': 'down',
  '⏎': 'enter',
  '█': '#',
  '▏': '|',
}

const symbols = new RegExp(`[${Object.keys(marks).join('')}\\u2500-\\u257f\\u2588-\\u258f\\u2800-\\u28ff]`, 'g')

/**
 * Whether the locale of a process has UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is not empty decides (POSIX, XBD 8.2),
 * and without one the locale is POSIX. Windows has no such variables, and its terminals show UTF-8.
 */
export function hasUtf8(
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
): boolean {
  if (platform === 'win32') return true
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
}

/** A text in which marks and lines are replaced by ASCII. Other characters, such as those of names, stay. */
export function asciiMarks(text: string): string {
  return text.replace(symbols, symbol => marks[symbol] ?? lineOf(symbol))
}

/** Box drawings, blocks and the dots of spinners. */
function lineOf(symbol: string): string {
  if (/[─━═]/.test(symbol)) return '-'
  if (/[│┃║]/.test(symbol)) return '|'
  if (/[\u2588-\u258f]/.test(symbol)) return '#'
  return /[\u2800-\u28ff]/.test(symbol) ? '*' : '+'
}

/** The same stream, in which every text that is written has ASCII marks. For prompts and spinners, which write to it. */
export function asciiStream<S extends Writable>(stream: S): S {
  return new Proxy(stream, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'write') return value.bind(target)
      return (chunk: unknown, ...rest: unknown[]) =>
        value.call(target, typeof chunk === 'string' ? asciiMarks(chunk) : chunk, ...rest)
    },
  })
}
