import {expect, test} from 'vitest'
import {commandLineOf} from '../../src/run/command-line.ts'
import {openRun} from '../../src/run/run.ts'
import {listField, switchField, textField} from '../../src/spec/field.ts'
import type {Terminal} from '../../src/terminal/output/terminal.ts'

const fields = {
  hosts: listField({flag: 'hosts', about: 'hosts'}),
  name: textField({flag: 'name', about: 'name'}),
  deep: switchField({flag: 'deep', about: 'deep'}),
}

test('repeats what was set, quoted, and answers the confirmation', () => {
  const spec = {hosts: ['a', 'b'], name: "it's", deep: false}
  const run = {command: 'kubectl mesh thing add'}
  expect(commandLineOf(fields, spec, run, ['--context', 'my east'])).toBe(
    `kubectl mesh thing add --hosts a,b --name 'it'\\''s' --context 'my east' --yes`,
  )
})

test('keeps the flags that decide who writes, and what counts as ours', () => {
  const flags = {v: 0, 'dry-run': 'none', 'force-conflicts': false, 'exit-code': false, yes: true} as const
  const {command} = openRun('federate remove', {...flags, as: 'ann', 'trust-labels': true}, {} as Terminal)
  expect(command).toBe('kubectl mesh federate remove --as ann --trust-labels')
})
