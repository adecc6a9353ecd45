import {describe, expect, test, vi} from 'vitest'
import {parseDocument} from 'yaml'
import {putItemAt, removeAt, setAt} from '../../../src/text/yaml-edit/edit.ts'
import {parseYamlDocument} from '../../../src/text/yaml-edit/parse.ts'

/** Texts of 64 to 128 KiB whose number of keys, items, comments or lines is large. */
const large: Record<string, string> = {
  keys: `${repeated(6000, at => `key${at}: value ${at}\n`)}list:\n- name: x\n`,
  items: `list:\n${repeated(1000, at => `- name: item-${at}\n  service: a-${at}.ns.svc # comment\n  port: 1\n`)}`,
  'flow items': `list: [${repeated(2500, at => `{name: p${at}, a: b}, `)}{name: last}]\n`,
  comments: `list:\n- name: x\n${repeated(4000, at => `    # comment ${at}\n`)}`,
  'a block scalar': `text: |\n${repeated(5000, at => `  line ${at}\n`)}list:\n- name: x\n`,
}

function repeated(count: number, line: (at: number) => string): string {
  return Array.from({length: count}, (_, at) => line(at)).join('')
}

/** The shortest of three CPU times, in microseconds: other processes of the machine do not count. */
function timeOf(action: () => unknown): number {
  const times = Array.from({length: 3}, () => {
    const start = process.cpuUsage()
    action()
    const {user, system} = process.cpuUsage(start)
    return user + system
  })
  return Math.min(...times)
}

// An edit parses the text and the result, with at most two alternatives, and compares the values.
test.each(Object.entries(large))(
  'editing %s takes about as long as parsing them',
  (_, text) => {
    const parsing = timeOf(() => parseDocument(text, {uniqueKeys: false}))
    const editing = timeOf(() => setAt(text, ['added', 'key'], 1, 'the text'))
    const putting = timeOf(() => putItemAt(text, ['list'], {name: 'added'}, 'the text'))
    const removing = timeOf(() => removeAt(text, ['list'], 'the text'))
    expect(Math.max(editing, putting, removing) / parsing).toBeLessThan(8)
  },
  60_000,
)

describe('parseYamlDocument', () => {
  test.each([
    ['a: 1\nb: 2\na: 3\n', 'is not valid YAML: Map keys must be unique at line 3, column 1'],
    ['a: {b: 1, b: 2}\n', 'is not valid YAML: Map keys must be unique at line 1, column 11'],
    ['a: [\n', 'is not valid YAML: '],
    ['a: 1\nb: !x !x', 'is not valid YAML: A node can have at most one tag at line 2, column 7'],
    [`a: &a 1\nb: [${Array(1001).fill('*a')}]`, 'has 1001 aliases (*); the limit is 1000'],
    ['['.repeat(50_000), 'cannot be read: it is nested too deeply'],
    [' \r:', 'contains the line break U+000D, which YAML readers treat differently'],
    ['a: 1 # x\u2028b: 2', 'contains the line break U+2028, which YAML readers treat differently'],
    [`a: ${'x'.repeat(2_200_000)}`, 'has 2200003 characters; the limit is 2097152'],
  ])('%.20j', (text, message) => expect(() => parseYamlDocument(text)).toThrow(message))

  test('no warning with text of the document is written', () => {
    const warn = vi.spyOn(process, 'emitWarning')
    expect(parseYamlDocument('? [a]\n: b\n').toJS()).toEqual({'[ a ]': 'b'})
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  test('equal keys of different maps are valid', () =>
    expect(parseYamlDocument('a: {b: 1}\nc: {b: 1}\n').toJS()).toEqual({a: {b: 1}, c: {b: 1}}))
})
