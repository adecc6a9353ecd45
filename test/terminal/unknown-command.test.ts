import {expect, test} from 'vitest'
import {childrenOf, unknownCommand} from '../../src/terminal/unknown-command.ts'

const ids = ['federate', 'federate:status', 'tenant:add', 'tenant:assign', 'tenant:list', 'version']

test.each([
  [
    'federate statsu',
    'unknown command "federate statsu"',
    ['did you mean: kubectl mesh federate status', 'kubectl mesh federate --help'],
  ],
  [
    'federate stat',
    'unknown command "federate stat"',
    ['did you mean: kubectl mesh federate status', 'kubectl mesh federate --help'],
  ],
  [
    'tenant ad bob',
    'unknown command "tenant ad"',
    ['did you mean: kubectl mesh tenant add', 'kubectl mesh tenant --help'],
  ],
  // The name of a property of every object is no known word.
  ['federate constructor', 'unknown command "federate constructor"', ['kubectl mesh federate --help']],
  ['tennant add', 'unknown command "tennant"', ['did you mean: kubectl mesh tenant', 'kubectl mesh --help']],
  [
    'federate ls',
    'unknown command "federate ls"',
    ['did you mean: kubectl mesh federate status', 'kubectl mesh federate --help'],
  ],
  [
    'tenant ls',
    'unknown command "tenant ls"',
    ['did you mean: kubectl mesh tenant list', 'kubectl mesh tenant --help'],
  ],
  ['zzz', 'unknown command "zzz"', ['kubectl mesh --help']],
  ['tenant zzz', 'unknown command "tenant zzz"', ['kubectl mesh tenant --help']],
])('%s', (words, message, hints) => {
  const error = unknownCommand(words.split(' '), ids)
  expect(error.problems).toEqual([{message, hints}])
  expect(error.exit).toBe(2)
})

test('children', () => {
  expect(childrenOf([], ids)).toEqual(['federate', 'tenant', 'version'])
  expect(childrenOf(['tenant'], ids)).toEqual(['add', 'assign', 'list'])
  expect(childrenOf(['version'], ids)).toEqual([])
})
