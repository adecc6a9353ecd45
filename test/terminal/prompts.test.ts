import {PassThrough} from 'node:stream'
import {expect, test, vi} from 'vitest'
import {openTerminal} from '../../src/terminal/output/terminal.ts'
import {askChoice, askMany, askText, askYes} from '../../src/terminal/prompts.ts'

const asked: Record<string, unknown>[] = []
vi.mock('inquirer', () => ({
  default: {
    createPromptModule: () => async (questions: Record<string, unknown>[]) => {
      asked.push(...questions)
      return {answer: 'answer'}
    },
  },
}))

vi.mock('../../src/terminal/filter-prompt.ts', () => ({
  filterPrompt: async (question: Record<string, unknown>) => {
    asked.push(question)
    return []
  },
}))

const hostile = 'a\u001b[2J\nb\u202e'
const escaped = 'a\\u001b[2J\\nb\\u202e'

test('texts of questions and choices are escaped, and values stay as they are', async () => {
  const stream = new PassThrough()
  const terminal = openTerminal({}, {stdin: {}, stdout: stream, stderr: stream, env: {}})
  const choices = [{name: hostile, value: hostile, disabled: hostile}]
  await askYes(terminal, hostile)
  await askText(terminal, {message: hostile, fallback: hostile, check: () => hostile})
  await askChoice(terminal, hostile, choices)
  await askMany(terminal, hostile, choices, 1)
  expect(asked.map(({message}) => message)).toEqual([escaped, escaped, escaped, escaped])
  expect(asked[1]).toMatchObject({default: escaped})
  expect(await (asked[1]!.validate as (text: string) => Promise<string>)(hostile)).toBe(`${escaped} ${escaped}`)
  for (const question of asked.slice(2))
    expect(question.choices).toEqual([{name: escaped, short: escaped, value: hostile, disabled: escaped}])
})
