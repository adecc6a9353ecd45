import {expect, test} from 'vitest'
import {argvOf, type FlagTable, splitTokens, withoutOverridden} from '../../src/terminal/tokens.ts'

const flags: FlagTable = {
  context: {type: 'option', aliases: ['ctx']},
  contexts: {type: 'option', multiple: true},
  namespace: {type: 'option', char: 'n'},
  yes: {type: 'boolean', char: 'y'},
  wait: {type: 'boolean', allowNo: true},
}
const tokensOf = (line: string) => splitTokens(line.split(' '), flags).tokens

test.each([
  ['federate', [{kind: 'word', word: 'federate'}]],
  ['-', [{kind: 'word', word: '-'}]],
  ['--ctx=a', [{kind: 'option', name: 'context', value: 'a'}]],
  ['--context', [{kind: 'bare', text: '--context'}]],
  [
    '-yn a',
    [
      {kind: 'switch', name: 'yes', on: true},
      {kind: 'option', name: 'namespace', value: 'a'},
    ],
  ],
  [
    '-yq',
    [
      {kind: 'switch', name: 'yes', on: true},
      {kind: 'unknown', text: '-q'},
    ],
  ],
  ['--no-wait', [{kind: 'switch', name: 'wait', on: false}]],
  ['--no-yes', [{kind: 'unknown', text: '--no-yes'}]],
  ['-h', [{kind: 'help'}]],
])('%s is split', (line, tokens) => expect(tokensOf(line)).toEqual(tokens))

test('everything after -- stays unchanged, and the input too', () => {
  const argv = ['a', '--', '--yes']
  expect(splitTokens(argv, flags)).toEqual({tokens: [{kind: 'word', word: 'a'}], behind: ['--', '--yes']})
  expect(argv).toEqual(['a', '--', '--yes'])
})

test('the last value of a flag wins unless it may be repeated', () => {
  const left = withoutOverridden(tokensOf('--context a --contexts a --yes --context b --contexts b'), flags)
  expect(left.flatMap(token => argvOf(token, flags))).toEqual(['--contexts=a', '--yes', '--context=b', '--contexts=b'])
})

test.each([
  ['--wait', ['--wait']],
  ['--wait=false', ['--no-wait']],
  ['--yes=false', []],
  ['--help', []],
  ['--unknown', ['--unknown']],
])('%s for oclif', (line, argv) => expect(tokensOf(line).flatMap(token => argvOf(token, flags))).toEqual(argv))
