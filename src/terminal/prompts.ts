import {escapeLine} from '../text/escape-terminal.ts'
import type {Choice} from './filter-prompt.ts'
import type {Terminal} from './output/terminal.ts'

export type {Choice} from './filter-prompt.ts'

/**
 * Prompts. Only this file and `filter-prompt.ts` load inquirer, on the first prompt. Prompts go to stderr, because stdout is for
 * results. Ctrl-C throws inquirer's `ExitPromptError`, which ends the command with exit code 130. Every text is escaped here,
 * because inquirer writes it to the terminal as it is.
 */

async function promptOn(terminal: Terminal) {
  const {default: inquirer} = await import('inquirer')
  return inquirer.createPromptModule(streamsOf(terminal))
}

function streamsOf(terminal: Terminal) {
  return {input: process.stdin, output: terminal.stderr as NodeJS.WriteStream}
}

/** Returns what is wrong with an answer, in words that follow it, or undefined. */
export type AnswerCheck = (text: string) => string | undefined | Promise<string | undefined>

/**
 * Asks for confirmation.
 *
 * @param fallback the answer if the user only presses Enter
 */
export async function askYes(terminal: Terminal, message: string, fallback = false): Promise<boolean> {
  const prompt = await promptOn(terminal)
  const {answer} = await prompt([{type: 'confirm', name: 'answer', message: escapeLine(message), default: fallback}])
  return answer as boolean
}

/** Asks for one line of text. */
export async function askText(
  terminal: Terminal,
  question: {message: string; fallback?: string | undefined; check?: AnswerCheck},
): Promise<string> {
  const prompt = await promptOn(terminal)
  const {message, fallback, check} = question
  const {answer} = await prompt([
    {
      type: 'input',
      name: 'answer',
      message: escapeLine(message),
      ...(fallback === undefined ? {} : {default: escapeLine(fallback)}),
      validate: async (text: string) => {
        const problem = await check?.(text)
        return problem === undefined ? true : escapeLine(`${text === '' ? 'an empty answer' : text} ${problem}`)
      },
    },
  ])
  return answer as string
}

/** Asks for one of several options, and returns its value. */
export async function askChoice(terminal: Terminal, message: string, choices: readonly Choice[]): Promise<string> {
  const prompt = await promptOn(terminal)
  // Inquirer would begin with an option that is not available.
  const first = choices.find(({disabled}) => disabled === undefined)
  const {answer} = await prompt([
    {
      type: 'select',
      name: 'answer',
      message: escapeLine(message),
      choices: choices.map(shownChoice),
      ...(first === undefined ? {} : {default: first.value}),
    },
  ])
  return answer as string
}

/**
 * Asks for any number of options, which the user can filter by typing, and returns their values.
 *
 * @param atLeast minimum number of options
 */
export async function askMany(
  terminal: Terminal,
  message: string,
  choices: readonly Choice[],
  atLeast: number,
): Promise<string[]> {
  const {filterPrompt} = await import('./filter-prompt.ts')
  const question = {message: escapeLine(message), choices: choices.map(shownChoice), atLeast}
  return filterPrompt(question, streamsOf(terminal))
}

/** The value is not shown, and stays as it is. */
function shownChoice({name, short = name.split('   ', 1)[0]!, disabled, ...rest}: Choice): Choice {
  return {
    ...rest,
    ...{name: escapeLine(name), short: escapeLine(short)},
    ...(disabled === undefined ? {} : {disabled: escapeLine(disabled)}),
  }
}
