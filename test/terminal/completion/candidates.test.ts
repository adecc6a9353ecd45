import {describe, expect, test} from 'vitest'
import {completionOf, type Known} from '../../../src/terminal/completion/candidates.ts'

const flags: Known['commands'][number]['flags'] = {
  context: {type: 'option', helpValue: 'CTX'},
  contexts: {type: 'option', multiple: true, helpValue: 'CTX,CTX', summary: 'the clusters'},
  namespace: {type: 'option', char: 'n', helpValue: 'NS'},
  output: {type: 'option', char: 'o', options: ['yaml', 'json']},
  'dry-run': {type: 'option', options: ['none', 'client', 'server']},
  wait: {type: 'boolean', allowNo: true, summary: 'for it'},
  secret: {type: 'boolean', hidden: true},
}
const known: Known = {
  commands: [
    {id: 'federate', summary: 'Join', flags, args: {}},
    {id: 'federate:status', summary: 'Show', flags: {context: flags.context!}, args: {}},
    {id: 'tenant:add', flags, args: {name: {}, mode: {options: ['fast', 'slow']}}},
    {id: 'tenant:move', flags: {}, args: {folder: {multiple: true}}},
    {id: 'odd', hidden: true, flags: {}, args: {}},
    {id: 'help', summary: 'Help', flags: {}, args: {command: {}}, strict: false},
  ],
  topics: {tenant: {description: 'Tenants\nand more'}},
}
const complete = (...args: string[]) => completionOf(args, known)
const valuesOf = (...args: string[]) => {
  const found = complete(...args)
  return found.kind === 'known' ? found.candidates.map(candidate => candidate.value) : found
}

describe('command words', () => {
  test('have their descriptions', () =>
    expect(complete('')).toEqual({
      kind: 'known',
      candidates: [
        {value: 'federate', about: 'Join'},
        {value: 'tenant', about: 'Tenants'},
        {value: 'help', about: 'Help'},
      ],
    }))
  test.each([
    [['f'], ['federate']],
    [['federate', ''], ['status']],
    [['federate', '--contexts', 'a,b', ''], ['status']],
    [['-n', 'foo', 'tenant', 'a'], ['add']],
    [
      ['help', 'tenant', ''],
      ['add', 'move'],
    ],
    [
      ['help', ''],
      ['federate', 'tenant', 'help'],
    ],
    [['federate', 'status', ''], []],
    [['nothing', ''], []],
  ])('%j', (args, values) => expect(valuesOf(...args)).toEqual(values))
})

describe('flags', () => {
  test.each([
    [
      ['federate', 'status', '--'],
      ['--context', '--help'],
    ],
    [
      ['federate', '--c'],
      ['--context', '--contexts'],
    ],
    [['federate', '--context', 'a', '--c'], ['--contexts']],
    [
      ['federate', '--contexts', 'a', '--conte'],
      ['--context', '--contexts'],
    ],
    [['federate', '--no'], ['--no-wait']],
    [['federate', '--sec'], []],
    [['tenant', '--'], ['--help']],
    [['tenant', 'add', '--', '--c'], {kind: 'value', valueName: 'NAME', prefix: '--c', options: {}}],
  ])('%j', (args, values) => expect(valuesOf(...args)).toEqual(values))
})

test('flags have their descriptions', () =>
  expect(complete('federate', '--wa')).toEqual({kind: 'known', candidates: [{value: '--wait', about: 'for it'}]}))

describe('values', () => {
  test.each([
    [
      ['federate', '-o', ''],
      ['yaml', 'json'],
    ],
    [['federate', '--output', 'j'], ['json']],
    [['federate', '--output=j'], ['json']],
    [['federate', '--dry-run=s'], ['server']],
    [
      ['federate', '--wait='],
      ['true', 'false'],
    ],
    [['federate', '--dry-run', ''], ['status']],
    [['federate', '--unknown='], []],
    [
      ['tenant', 'add', 'bob', ''],
      ['fast', 'slow'],
    ],
    [['tenant', 'add', 'bob', 'fast', ''], []],
    [['federate', '--context', 'e'], {kind: 'value', valueName: 'CTX', prefix: 'e', options: {}}],
    [['federate', '--context=e'], {kind: 'value', valueName: 'CTX', prefix: 'e', options: {}}],
    [['federate', '--contexts', 'a,'], {kind: 'value', valueName: 'CTX,CTX', prefix: 'a,', options: {}}],
    [['--context', ''], {kind: 'value', valueName: 'CTX', prefix: '', options: {}}],
    [['tenant', 'add', '--context=e', '-n', ''], {kind: 'value', valueName: 'NS', prefix: '', options: {context: 'e'}}],
    [['tenant', 'add', ''], {kind: 'value', valueName: 'NAME', prefix: '', options: {}}],
    [['tenant', 'move', 'a', 'b', ''], {kind: 'value', valueName: 'FOLDER', prefix: '', options: {}}],
  ])('%j', (args, values) => expect(valuesOf(...args)).toEqual(values))
})
