import fc from 'fast-check'
import {oddText} from '../support/odd.ts'

/** Longest input in characters. An algorithm that takes quadratic time takes seconds for it. */
const maxLength = 200_000

/** One change of a text. Positions and lengths are fractions of the text, in 1/65536. */
interface Mutation {
  kind: keyof typeof changes
  at: number
  to: number
  length: number
  times: number
  word: string
}

type Change = (text: string, mutation: Positions, other: string) => string

/** A mutation with offsets. */
interface Positions {
  at: number
  to: number
  /** End of a short piece that begins at `at`. */
  end: number
  times: number
  word: string
}

const changes = {
  remove: (text, {at, end}) => text.slice(0, at) + text.slice(end),
  truncate: (text, {at}) => text.slice(0, at),
  insert: (text, {at, word}) => text.slice(0, at) + word + text.slice(at),
  replace: (text, {at, end, word}) => text.slice(0, at) + word + text.slice(end),
  repeat: (text, {at, end, times}) => text.slice(0, end) + repeated(text.slice(at, end), times) + text.slice(end),
  copy: (text, {at, end, to}) => text.slice(0, to) + text.slice(at, end) + text.slice(to),
  nest: (text, {at, end, word, times}) =>
    text.slice(0, at) + repeated(word, times) + text.slice(at, end) + text.slice(end),
  flip: (text, {at, times}) => text.slice(0, at) + flipped(text.slice(at, at + 1), times) + text.slice(at + 1),
  splice: (text, {at, to}, other) => text.slice(0, at) + other.slice(Math.min(to, other.length)),
  removeLine: (text, {at}) => onLine(text, at, () => ''),
  repeatLine: (text, {at, times}) => onLine(text, at, line => line + repeated(line, times)),
  moveLine: (text, {at, to}) => {
    const start = lineStart(text, at)
    const line = text.slice(start, lineEnd(text, at))
    const rest = text.slice(0, start) + text.slice(start + line.length)
    const target = lineStart(rest, Math.min(to, rest.length))
    return rest.slice(0, target) + line + rest.slice(target)
  },
  indentLine: (text, {at, times}) => onLine(text, at, line => ' '.repeat(Math.min(times, 12)) + line),
  dedentLine: (text, {at, times}) =>
    onLine(text, at, line => line.replace(new RegExp(`^ {0,${Math.min(times, 8)}}`), '')),
  wordLine: (text, {at, word}) => onLine(text, at, line => `${word}\n${line}`),
  lineBreaks: text => text.replaceAll('\n', '\r\n'),
  noLastBreak: text => text.replace(/\r?\n$/, ''),
} satisfies Record<string, Change>

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

function onLine(text: string, at: number, change: (line: string) => string): string {
  const [start, end] = [lineStart(text, at), lineEnd(text, at)]
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end)
}

function repeated(text: string, times: number): string {
  return text.repeat(Math.min(times, Math.floor(maxLength / Math.max(1, text.length))))
}

/** Changes one bit of a character, in its lower eight. */
function flipped(character: string, bit: number): string {
  return character === '' ? '' : String.fromCharCode(character.charCodeAt(0) ^ (1 << (bit % 8)))
}

function mutate(text: string, other: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((before, {kind, at, to, length, times, word}) => {
    const offset = Math.floor((at / 0x1_0000) * (before.length + 1))
    const end = Math.min(before.length, offset + length)
    const target = Math.floor((to / 0x1_0000) * (before.length + 1))
    const change: Change = changes[kind]
    return change(before, {at: offset, to: target, end, times, word}, other).slice(0, maxLength)
  }, text)
}

/** Mostly a few times; sometimes often enough to exhaust a stack, or to show an algorithm that takes quadratic time. */
const times = fc.oneof(
  {weight: 400, arbitrary: fc.integer({min: 1, max: 8})},
  {weight: 4, arbitrary: fc.integer({min: 9, max: 400})},
  {weight: 1, arbitrary: fc.integer({min: 400, max: 20_000})},
)

/**
 * Samples with up to six mutations, and some random texts. Mutations find more than random texts, because most of the
 * input stays valid.
 *
 * @param words tokens that matter in the format
 */
export function mutated(samples: fc.Arbitrary<string>, words: readonly string[]): fc.Arbitrary<string> {
  const word = fc.oneof({weight: 4, arbitrary: fc.constantFrom(...words)}, oddText)
  const mutation: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
    at: fc.nat(0xffff),
    to: fc.nat(0xffff),
    length: fc.oneof({weight: 3, arbitrary: fc.integer({min: 1, max: 12})}, fc.integer({min: 1, max: 400})),
    times,
    word,
  })
  const random = fc.array(word, {maxLength: 20}).map(parts => parts.join(''))
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(samples, samples, fc.array(mutation, {maxLength: 6}))
        .map(([text, other, mutations]) => mutate(text, other, mutations)),
    },
    random,
  )
}
