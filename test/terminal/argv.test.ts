import {describe, expect, test} from 'vitest'
import {MeshError} from '../../src/errors.ts'
import {type CommandData, readCommandLine} from '../../src/terminal/argv.ts'

const flags = {
  context: {type: 'option'},
  contexts: {type: 'option', multiple: true},
  namespace: {type: 'option', char: 'n'},
  'dry-run': {type: 'option'},
  v: {type: 'option', char: 'v'},
  yes: {type: 'boolean', char: 'y'},
  wait: {type: 'boolean', allowNo: true},
} satisfies CommandData['flags']

const commands: CommandData[] = [
  {id: 'federate', flags, args: {}},
  {id: 'federate:status', flags: {context: {type: 'option'}, federate: {type: 'boolean'}}, args: {}},
  {id: 'tenant:add', flags, args: {name: {}}},
  {
    id: 'apply',
    flags: {
      filename: {type: 'option', char: 'f', multiple: true},
      recursive: {type: 'boolean', char: 'R'},
      prune: {type: 'boolean'},
    },
    args: {plan: {}},
  },
  {id: 'help', flags: {}, args: {}, strict: false},
]

const read = (line: string) => readCommandLine(line === '' ? [] : line.split(' '), commands)
const argvOf = (line: string) => {
  const found = read(line)
  return found.run === 'command' ? [found.id, ...found.argv] : found
}
const problemsOf = (line: string) => {
  try {
    return read(line)
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    expect(error.exit).toBe(2)
    return error.problems.map(({message, hints = []}) => [message, ...hints])
  }
}

describe('flags and command words', () => {
  test.each([
    ['federate --context x', ['federate', '--context=x']],
    ['--context x federate', ['federate', '--context=x']],
    ['--context=x federate --yes', ['federate', '--context=x', '--yes']],
    ['tenant -n foo add bob', ['tenant:add', '--namespace=foo', 'bob']],
    ['-n tenant tenant add bob', ['tenant:add', '--namespace=tenant', 'bob']],
    ['tenant -yn foo add', ['tenant:add', '--yes', '--namespace=foo']],
    ['tenant add add', ['tenant:add', 'add']],
    ['--context federate federate status', ['federate:status', '--context=federate']],
    ['tenant add -1', ['tenant:add', '-1']],
    ['tenant add -', ['tenant:add', '-']],
    ['help federate status', ['help', 'federate', 'status']],
    ['federate --context a=b=c', ['federate', '--context=a=b=c']],
    ['federate --context=', ['federate', '--context=']],
  ])('%s', (line, argv) => expect(argvOf(line)).toEqual(argv))

  test('arguments after -- stay unchanged', () => {
    expect(argvOf('tenant add -- --yes=false -n')).toEqual(['tenant:add', '--', '--yes=false', '-n'])
    expect(argvOf('tenant add --context --')).toEqual(['tenant:add', '--context', '--'])
  })
})

describe('values', () => {
  test.each([
    ['--yes=true', ['--yes']],
    ['--yes=false', []],
    ['--yes=F', []],
    ['-y=false', []],
    ['-y=1', ['--yes']],
    ['--yes --yes=false', []],
    ['--yes=false --yes', ['--yes']],
    ['--wait=false', ['--no-wait']],
    ['--no-wait', ['--no-wait']],
    ['--no-wait=false', ['--wait']],
    ['--no-wait --wait', ['--wait']],
    ['--dry-run', ['--dry-run=client']],
    ['--dry-run --yes', ['--dry-run=client', '--yes']],
    ['--dry-run server', ['--dry-run=server']],
    ['--dry-run=none --dry-run=server', ['--dry-run=server']],
    ['--context a --context b', ['--context=b']],
    ['-n a --namespace b', ['--namespace=b']],
    ['--contexts a --contexts b,c', ['--contexts=a', '--contexts=b,c']],
    ['-v6', ['--v=6']],
    ['-v=6', ['--v=6']],
    ['--v=6', ['--v=6']],
    ['-v 6', ['--v=6']],
  ])('%s', (line, argv) => {
    expect(argvOf(`federate ${line}`)).toEqual(['federate', ...argv])
    expect(argvOf(`${line} federate`)).toEqual(['federate', ...argv])
  })

  test('a bare --dry-run does not take an argument as its value', () => {
    expect(argvOf('tenant add --dry-run bob')).toEqual(['tenant:add', '--dry-run=client', 'bob'])
  })

  test('a flag in the position of a value is not the value', () => {
    expect(argvOf('federate --context --yes')).toEqual(['federate', '--context', '--yes'])
    expect(argvOf('federate --context --no-wait')).toEqual(['federate', '--context', '--no-wait'])
    expect(argvOf('federate --context -n a')).toEqual(['federate', '--context', '--namespace=a'])
  })

  test('verbosity', () => {
    expect(read('-v=2 federate -v 7')).toMatchObject({verbosity: 7})
    expect(read('federate -v x')).toMatchObject({verbosity: 0})
    expect(read('federate')).toMatchObject({verbosity: 0})
  })
})

describe('help, version, unknown', () => {
  test.each([
    ['', []],
    ['--help', []],
    ['-h', []],
    ['tenant', ['tenant']],
    ['tenant --help', ['tenant']],
    ['federate status -h', ['federate', 'status']],
    ['--help federate', ['federate']],
    ['federate statsu --help', ['federate', 'statsu']],
    ['tenant add bob --help', ['tenant', 'add']],
    ['nothing --help', ['nothing']],
  ])('%s: help', (line, words) => expect(read(line)).toEqual({run: 'help', words}))

  test('--version', () => expect(read('--version')).toEqual({run: 'version'}))

  test.each([
    ['federate statsu', 'federate:statsu'],
    ['federate --contexts a,b statsu', 'federate:statsu'],
    ['tenant ad bob', 'tenant:ad:bob'],
    ['tenant -n foo ad bob', 'tenant:ad:bob'],
    ['nothing', 'nothing'],
  ])('%s: an unknown command', (line, id) => expect(read(line)).toEqual({run: 'command', id, argv: [], verbosity: 0}))

  test.each([
    ['federate --yes=maybe', [['--yes=maybe: must be true or false, got "maybe"']]],
    [
      'federate --contxts a -q',
      [
        ['unknown flag --contxts', 'did you mean --contexts?'],
        ['unknown flag -q', 'kubectl mesh federate --help'],
      ],
    ],
    [
      'federate --contxts a status',
      [['unknown flag --contxts', 'did you mean --contexts?', 'kubectl mesh federate --help']],
    ],
    ['--contxt=x nothing', [['unknown flag --contxt=x', 'did you mean --context?', 'kubectl mesh --help']]],
    ['federate --constructor', [['unknown flag --constructor', 'kubectl mesh federate --help']]],
    [
      'apply -f mesh -R --prune --dry-run=server',
      [
        [
          'unknown flag --dry-run=server',
          'to see what apply would change: kubectl mesh plan -f mesh --recursive --prune',
          'kubectl mesh apply --help',
        ],
      ],
    ],
    [
      'apply --dry-run',
      [
        [
          'unknown flag --dry-run',
          'to see what apply would change: kubectl mesh plan -f FILE',
          'kubectl mesh apply --help',
        ],
      ],
    ],
    ['tenant -n foo', [['tenant requires a subcommand', 'kubectl mesh tenant --help']]],
    ['-n foo', [['no command specified', 'kubectl mesh --help']]],
  ])('%s: wrong usage', (line, problems) => expect(problemsOf(line)).toEqual(problems))
})
