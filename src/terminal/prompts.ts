import {escapeLine} from '../text/escape-terminal.ts'
import type {Terminal} from './output/terminal.ts'

/**
 * Prompts. Only this file loads inquirer, on the first prompt. Prompts go to stderr, because stdout is for results. Ctrl-C
 * throws inquirer's `ExitPromptError`, which ends the command with exit code 130. Every text is escaped here, because
 * inquirer writes it to the terminal as it is.
 */

async function promptOn(terminal: Terminal) {
  const {default: inquirer} = await import('inquirer')
  return inquirer.createPromptModule({input: process.stdin, output: terminal.stderr as NodeJS.WriteStream})
}

/** An option of a selection. */
export interface Choice {
  name: string
  value: string
  checked?: boolean
  /** Why the option is not available. */
  disabled?: string
}

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

/**
 * Asks for one line of text.
 *
 * @param question.check returns what is wrong with an answer, in words that follow it, or undefined
 */
export async function askText(
  terminal: Terminal,
  question: {message: string; fallback?: string; check?: (text: string) => string | undefined},
): Promise<string> {
  const prompt = await promptOn(terminal)
  const {message, fallback, check} = question
  const {answer} = await prompt([
    {
      type: 'input',
      name: 'answer',
      message: escapeLine(message),
      ...(fallback === undefined ? {} : {default: escapeLine(fallback)}),
      validate: (text: string) => {
        const problem = check?.(text)
        return problem === undefined ? true : escapeLine(`${text} ${problem}`)
      },
    },
  ])
  return answer as string
}

/** Asks for one of several options, and returns its value. */
export async function askChoice(terminal: Terminal, message: string, choices: readonly Choice[]): Promise<string> {
  const prompt = await promptOn(terminal)
  const {answer} = await prompt([
    {type: 'select', name: 'answer', message: escapeLine(message), choices: choices.map(escapeChoice)},
  ])
  return answer as string
}

/**
 * Asks for any number of options, and returns their values.
 *
 * @param atLeast minimum number of options
 */
export async function askMany(
  terminal: Terminal,
  message: string,
  choices: readonly Choice[],
  atLeast: number,
): Promise<string[]> {
  const prompt = await promptOn(terminal)
  const {answer} = await prompt([
    {
      type: 'checkbox',
      name: 'answer',
      message: escapeLine(message),
      choices: choices.map(escapeChoice),
      validate: (picked: readonly unknown[]) => picked.length >= atLeast || `select at least ${atLeast}`,
    },
  ])
  return answer as string[]
}

/** The value is not shown, and stays as it is. */
function escapeChoice({name, disabled, ...rest}: Choice): Choice {
  return {...rest, name: escapeLine(name), ...(disabled === undefined ? {} : {disabled: escapeLine(disabled)})}
}
