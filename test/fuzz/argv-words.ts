import fc from 'fast-check'
import type {CommandData} from '../../src/terminal/argv.ts'
import {fieldText} from './values.ts'

/** A command line of a command, with its flags in all notations, and changes: words removed, repeated, moved or joined. */
export function candidates(commands: readonly CommandData[]): fc.Arbitrary<string[]> {
  const allFlags = [...new Set(commands.flatMap(({flags}) => Object.keys(flags)))]
  const line = fc.constantFrom(...commands).chain(({id, flags}) => {
    const own = Object.keys(flags)
    const element = fc.oneof(
      {weight: 6, arbitrary: flagWords(own.length > 0 ? own : allFlags, flags)},
      {weight: 1, arbitrary: flagWords(allFlags, {})},
      {weight: 2, arbitrary: fieldText.map(word => [word])},
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('--', '-', '-h', '--help', '-v6', '-v=x', '-yn', '---', '-=', '--=', '--no-')
          .map(word => [word]),
      },
    )
    return fc.array(element, {maxLength: 6}).map(elements => [...id.split(':'), ...elements.flat()])
  })
  return fc
    .tuple(line, fc.array(fc.tuple(fc.nat(4), fc.nat(20), fc.nat(20)), {maxLength: 2}))
    .map(([words, changes]) =>
      changes.reduce(
        (before, [kind, at, to]) => changed(before, kind, at % (before.length + 1), to % (before.length + 1)),
        words,
      ),
    )
}

/** A flag in one of the notations that users type. */
function flagWords(names: readonly string[], flags: CommandData['flags']): fc.Arbitrary<string[]> {
  return fc.constantFrom(...names).chain(name => {
    const flag: FlagWithOptions | undefined = flags[name]
    const value = flag?.options
      ? fc.oneof({weight: 4, arbitrary: fc.constantFrom(...flag.options)}, fieldText)
      : fieldText
    return fc.tuple(value, fc.nat(9)).map(([text, notation]) => {
      const dashed = flag?.char && notation % 2 === 0 ? `-${flag.char}` : `--${name}`
      if (notation === 0) return [dashed]
      if (notation === 1 && (flag === undefined || flag.allowNo)) return [`--no-${name}`]
      if (flag?.type === 'boolean') return [notation === 2 ? `${dashed}=${text}` : dashed]
      return notation < 6 ? [dashed, text] : [`${dashed}=${text}`]
    })
  })
}

/** The manifest has more than the reader of command lines needs. */
type FlagWithOptions = CommandData['flags'][string] & {options?: readonly string[]}

function changed(words: readonly string[], kind: number, at: number, to: number): string[] {
  const word = words[at] ?? ''
  switch (kind) {
    case 0:
      return words.toSpliced(at, 1)
    case 1:
      return words.toSpliced(to, 0, word)
    case 2:
      return words.toSpliced(at, 1).toSpliced(to, 0, word)
    case 3:
      return words.toSpliced(at, 2, `${word}=${words[at + 1] ?? ''}`)
    default:
      return words.toSpliced(at, 1, word.slice(0, to))
  }
}
