import {expect, test} from 'vitest'
import {commandLineOf} from '../../src/run/command-line.ts'
import {listField, switchField, textField} from '../../src/spec/field.ts'

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
