import {describe, expect, test} from 'vitest'
import {helpText} from '../../../src/terminal/help/help.ts'
import type {Program, ProgramCommand} from '../../../src/terminal/program.ts'

const command = (id: string, more: Partial<ProgramCommand> = {}): ProgramCommand => ({
  ...{id, summary: `what ${id} does`, args: {}, flags: {}},
  ...more,
})

const shared = {name: 'yes', type: 'boolean' as const, char: 'y', summary: 'do not ask', helpGroup: 'KUBECTL'}
const program: Program = {
  bin: 'kubectl mesh',
  description: 'Meshes.',
  userAgent: 'kubectl-mesh/1 linux-x64 node-v24',
  topics: {vm: {description: 'machines'}},
  commands: [
    command('vm:list'),
    command('vm:add', {
      description: 'First line\ncontinued.\n\nSecond.',
      examples: ['<%= config.bin %> <%= command.id %> web', 'cat x | <%= config.bin %> <%= command.id %>'],
      args: {
        name: {name: 'name', description: 'name of the machine', required: true},
        kind: {name: 'kind', multiple: true, options: ['a', 'b'], description: 'kind'},
      },
      flags: {
        kubeconfig: {name: 'kubeconfig', type: 'option', helpValue: 'FILE', helpGroup: 'KUBECTL'},
        file: {name: 'file', type: 'option', helpGroup: 'SETTINGS', summary: 'stored'},
        port: {name: 'port', type: 'option', summary: 'a port', default: 80},
        secret: {name: 'secret', type: 'option', hidden: true},
        yes: shared,
      },
    }),
    command('check', {flags: {yes: {...shared, summary: 'other'}}}),
    command('start', {hidden: true}),
  ],
}
const help = (...words: string[]) => helpText(words, program, {columns: 80, bold: false})

describe('of the program', () => {
  test('version, usage, topics, and the commands without a topic that are not hidden', () => {
    expect(help()).toMatch(
      /^Meshes\.\n\nVERSION\n {2}kubectl-mesh\/1 linux-x64 node-v24\n\nUSAGE\n {2}\$ kubectl mesh \[COMMAND\]\n\nGETTING STARTED\n/,
    )
    expect(help().split('\n\n').slice(-3)).toEqual(['TOPICS\n  vm  machines', 'COMMANDS\n  check  what check does', ''])
  })

  test('all: every command', () =>
    expect(helpText([], program, {columns: 80, bold: false, all: true})).toMatch(
      /COMMANDS\n {2}check .*\n {2}start .*\n {2}vm add .*\n {2}vm list .*\n\n$/,
    ))
})

test('of a topic', () =>
  expect(help('vm')).toBe(
    [
      ...['machines', '', 'USAGE', '  $ kubectl mesh vm COMMAND', ''],
      ...['COMMANDS', '  vm add   what vm:add does', '  vm list  what vm:list does', '', ''],
    ].join('\n'),
  ))

test('of a command', () =>
  expect(help('vm', 'add', '-h')).toBe(`what vm:add does

USAGE
  $ kubectl mesh vm add NAME [KIND...] [flags]

EXAMPLES
  $ kubectl mesh vm add web
  cat x | kubectl mesh vm add

DESCRIPTION
  First line continued.

  Second.

ARGUMENTS
  NAME       name of the machine
  [KIND...]  (a|b) kind

FLAGS
  --port=PORT    a port (default 80)

SETTINGS FLAGS
  --file=FILE    stored

EXIT CODES
  0    success, or no differences
  1    differences found (--exit-code)
  2    invalid usage
  3    refused or failed; nothing was changed
  4    some changes were made, others failed
  5    a check failed
  130  interrupted

SHARED FLAGS
  --kubeconfig=FILE, -y, --yes
  Their descriptions: kubectl mesh help flags

`))

test('of a hidden command', () => expect(help('start')).toMatch(/^what start does\n/))

test('of the shared flags, each as the first command describes it', () =>
  expect(help('flags')).toBe('SHARED FLAGS\n  --kubeconfig=FILE\n  -y, --yes          other\n'))

test('words that are neither', () => {
  expect(() => help('vm', 'lst')).toThrow(expect.objectContaining({exit: 2, message: 'unknown command "vm lst"'}))
})
