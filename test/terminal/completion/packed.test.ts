import {expect, test} from 'vitest'
import type {Known} from '../../../src/terminal/completion/candidates.ts'
import {packKnown, unpackKnown} from '../../../src/terminal/completion/packed.ts'

const context = {type: 'option', helpValue: 'CTX', summary: 'one\ntwo', multiple: false, name: 'context'} as const
const known: Known = {
  commands: [
    {id: 'a', summary: 'A', description: 'more', flags: {context}, args: {name: {description: 'long', options: ['x']}}},
    {
      id: 'b',
      description: 'B\nmore',
      hidden: true,
      flags: {context: {...context}, wait: {type: 'boolean', allowNo: true}},
      args: {},
    },
  ],
  topics: {t: {description: 'T'}},
}

test('stores each flag once, and only the data that completion uses', () => {
  const flag = {type: 'option', helpValue: 'CTX', summary: 'one'}
  expect(packKnown(known)).toEqual({
    commands: [
      {id: 'a', summary: 'A', flags: [0], args: {name: {options: ['x']}}},
      {id: 'b', summary: 'B', hidden: true, flags: [0, 1], args: {}},
    ],
    flags: [
      ['context', flag],
      ['wait', {type: 'boolean', allowNo: true}],
    ],
    topics: {t: {description: 'T'}},
  })
})

test('keeps flags of one name apart if they differ', () => {
  const two = packKnown({
    commands: [
      {id: 'a', flags: {context}, args: {}},
      {id: 'b', flags: {context: {...context, multiple: true}}, args: {}},
    ],
    topics: {},
  })
  expect(unpackKnown(two).commands.map(command => command.flags.context?.multiple)).toEqual([undefined, true])
})

test('unpacks packed data', () => {
  const {commands} = unpackKnown(JSON.parse(JSON.stringify(packKnown(known))))
  expect(commands.map(command => Object.keys(command.flags))).toEqual([['context'], ['context', 'wait']])
})
