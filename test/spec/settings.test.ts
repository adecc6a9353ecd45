import {describe, expect, test} from 'vitest'
import {
  choiceField,
  listField,
  type Schema,
  switchField,
  textField,
  textFieldWithDefault,
} from '../../src/spec/field.ts'
import {type RawSpec, readSpec} from '../../src/spec/read.ts'
import {
  formatSettings,
  mergeSettings,
  parseSettings,
  readMerged,
  riskyChanges,
  type SettingsInput,
} from '../../src/spec/settings.ts'

const schema = {
  contexts: listField({flag: 'contexts', about: 'contexts', perRun: true}),
  mode: choiceField({flag: 'mode', about: 'mode', options: ['a', 'b'], fallback: 'a'}),
  expose: {
    ...listField({flag: 'expose', about: 'hosts'}),
    risk: (before: string[], after: string[]) =>
      before.length > 0 && after.length === 0 ? 'all hosts are exposed' : undefined,
  },
  dns: textField({flag: 'dns', about: 'dns', onlyWith: {mode: ['a']}}),
  domain: textFieldWithDefault({flag: 'cluster-domain', about: 'domain', fallback: 'cluster.local'}),
  single: switchField({flag: 'single', about: 'single'}),
} satisfies Schema
type Raw = RawSpec<typeof schema>

const stored: Raw = {expose: ['trade/*'], dns: 'coredns', single: true}
const input = (requested: Raw, more: Partial<SettingsInput<typeof schema>> = {}) => ({
  requested,
  stored,
  reset: [],
  complete: false,
  ...more,
})

describe('stored settings', () => {
  test('omit defaults and what describes one run, and read back', () => {
    const spec = readSpec(schema, {contexts: 'east,west', ...stored})
    expect(formatSettings(schema, spec)).toBe('{"dns":"coredns","expose":["trade/*"],"single":true}')
    expect(parseSettings(schema, formatSettings(schema, spec))).toEqual(stored)
  })

  test.each([undefined, '', '{', '1', 'null'])('%j stores nothing', text =>
    expect(parseSettings(schema, text)).toBeUndefined(),
  )

  test('ignore unknown names, inherited ones, and what describes one run', () =>
    expect(parseSettings(schema, '{"contexts":["x"],"other":1,"__proto__":{"dns":"x"},"mode":"b"}')).toEqual({
      mode: 'b',
    }))
})

describe('readMerged', () => {
  const refuse = (raw: Raw) => readSpec(schema, raw, () => [{message: 'wrong', hints: ['first']}])
  const hintsOf = (settings: SettingsInput<typeof schema>) => {
    try {
      return readMerged(schema, settings, mergeSettings(schema, settings), refuse)
    } catch (error) {
      return (error as {problems: {hints: string[]}[]}).problems.map(({hints}) => hints)
    }
  }

  test('names the stored settings that apply to invalid input', () => {
    const hint = 'an earlier run has set --dns, --single; --reset FLAG returns one to its default'
    expect(hintsOf(input({expose: 'b'}))).toEqual([['first', hint]])
  })

  test('changes neither the error of a mesh file or a first run, nor other errors', () => {
    expect(hintsOf(input({expose: 'b'}, {complete: true}))).toEqual([['first']])
    expect(hintsOf(input({expose: 'b'}, {stored: undefined}))).toEqual([['first']])
    const fail = () => {
      throw new Error('other')
    }
    expect(() => readMerged(schema, input({}), stored, fail)).toThrow(/^other$/)
    expect(readMerged(schema, input({}), stored, raw => raw)).toBe(stored)
  })
})

describe('mergeSettings', () => {
  test('keeps what a run does not set', () =>
    expect(mergeSettings(schema, input({contexts: ['x'], dns: 'dnsmasq'}))).toEqual({
      contexts: ['x'],
      expose: ['trade/*'],
      dns: 'dnsmasq',
      single: true,
    }))

  test('a value that equals the default replaces a stored one', () =>
    expect(mergeSettings(schema, input({single: false}))).toMatchObject({single: false}))

  test('drops what has no effect with a requested value', () =>
    expect(mergeSettings(schema, input({mode: 'b'}))).toEqual({mode: 'b', expose: ['trade/*'], single: true}))

  test('drops what a requested value excludes, and a risk of that is explicit', () => {
    const target = {...textField({flag: 'to', about: 'to'}), risk: () => 'the target changes'}
    const both = {to: target, selector: textField({flag: 'selector', about: 'selector', excludes: ['to']})}
    const merged = {requested: {selector: 'b'}, stored: {to: 'a'}, reset: [], complete: false}
    expect(mergeSettings(both, merged)).toEqual({selector: 'b'})
    const risks = riskyChanges(both, merged, readSpec(both, mergeSettings(both, merged)))
    expect(risks).toEqual([{flag: 'to', text: 'the target changes', isExplicit: true}])
  })

  test('--reset returns to the default', () =>
    expect(mergeSettings(schema, input({}, {reset: ['expose', 'single']}))).toEqual({dns: 'coredns'}))

  test('a mesh file is complete', () =>
    expect(mergeSettings(schema, input({mode: 'a'}, {complete: true}))).toEqual({mode: 'a'}))

  test.each(['contexts', 'nope'])('--reset %s is an error that lists the settings', flag =>
    expect(() => mergeSettings(schema, input({}, {reset: [flag]}))).toThrow(
      `--reset ${flag}: this command stores no such`,
    ),
  )
})

describe('riskyChanges', () => {
  const risks = (requested: Raw, more: Partial<SettingsInput<typeof schema>> = {}) => {
    const all = input(requested, more)
    return riskyChanges(schema, all, readSpec(schema, mergeSettings(schema, all)))
  }
  test('are none for settings that are kept, and without earlier settings', () => {
    expect(risks({})).toEqual([])
    expect(risks({}, {stored: undefined})).toEqual([])
  })

  test('are explicit with the flag or --reset, and not in a file without the field', () => {
    const change = {flag: 'expose', text: 'all hosts are exposed'}
    expect(risks({expose: []})).toEqual([{...change, isExplicit: true}])
    expect(risks({}, {reset: ['expose']})).toEqual([{...change, isExplicit: true}])
    expect(risks({mode: 'a'}, {complete: true})).toEqual([{...change, isExplicit: false}])
  })
})
