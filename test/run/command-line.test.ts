import {expect, test} from 'vitest'
import {commandLineOf, contextArguments, withoutYes} from '../../src/run/command-line.ts'
import {type Access, openRun} from '../../src/run/run.ts'
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

test('names the current context, because another one may be current at the next run', () => {
  const access = (currentContext: string, isOffline = false) => ({isOffline, kubeconfig: {currentContext}}) as Access
  expect(contextArguments('', access('kind-east'))).toEqual(['--context', 'kind-east'])
  expect(contextArguments('west', access('kind-east'))).toEqual(['--context', 'west'])
  expect(contextArguments('', access(''))).toEqual([])
  expect(contextArguments('', access('kind-east', true))).toEqual([])
})

test('a user who declined is asked again', () => {
  expect(withoutYes('kubectl mesh thing add --hosts --yes --yes')).toBe('kubectl mesh thing add --hosts --yes')
  expect(withoutYes('kubectl mesh thing add')).toBe('kubectl mesh thing add')
})
