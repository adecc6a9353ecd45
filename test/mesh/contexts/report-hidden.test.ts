import {expect, test} from 'vitest'
import {hiddenContextLines, shownContext} from '../../../src/mesh/contexts/report-hidden.ts'

test('a hidden context is named, with the command that renames it', () => {
  const contexts = new Map([['a=b', undefined as never]])
  expect(hiddenContextLines(['east', 'a=b', 'west=/k/our west.yaml#default'], {contexts})).toEqual([
    '! west is context default in /k/our west.yaml; another file of KUBECONFIG has a context of this name',
    "  hint: kubectl --kubeconfig '/k/our west.yaml' config rename-context default west",
  ])
})

test('a reference is shown by its chosen name', () => {
  expect(['east', 'west=./west.yaml#default'].map(shownContext)).toEqual(['east', 'west'])
})
