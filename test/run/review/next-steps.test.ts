import {expect, test} from 'vitest'
import {refOf} from '../../../src/engine/kubernetes/object.ts'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import {printNext} from '../../../src/run/review/next-steps.ts'
import {openTerminal, type Terminal} from '../../../src/terminal/output/terminal.ts'

const object = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'app'}}
const outcome = (result: Outcome['result']): Outcome => ({
  cluster: 'east',
  result,
  step: {
    ...{change: {action: 'apply', cluster: 'east', wave: 10, object}, ref: refOf(object)},
    ...{verdict: 'create', live: undefined, merged: object},
  },
})

function printed(steps: string[], outcomes: Outcome[], interactive: boolean) {
  const shown: unknown[] = []
  const terminal: Terminal = {...openTerminal(), interactive, message: lines => void shown.push(lines)}
  printNext(steps, outcomes, {terminal})
  return shown
}

test('on a terminal, after a write', () =>
  expect(printed(['a', 'b'], [outcome('ok')], true)).toEqual([['Next:', '  a', '  b']]))

test.each([
  ['in a pipe', ['a'], [outcome('ok')], false],
  ['without a step', [], [outcome('ok')], true],
  ['without a write', ['a'], [outcome('failed')], true],
])('%s, nothing', (_, steps, outcomes, interactive) => expect(printed(steps, outcomes, interactive)).toEqual([]))
