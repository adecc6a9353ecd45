import type {Terminal} from './output/terminal.ts'

/**
 * The one place that loads inquirer. All questions go to stderr, since stdout is the artefact. Ctrl-C throws inquirer's
 * `ExitPromptError`, which ends the command with 130.
 */
async function contextOf(terminal: Terminal) {
  const {default: inquirer} = await import('inquirer')
  return inquirer.createPromptModule({input: process.stdin, output: terminal.stderr as NodeJS.WriteStream})
}

/** One answer of a choice or a checkbox. */
export interface Choice {
  name: string
  value: string
  checked?: boolean
  /** Why it can't be chosen. */
  disabled?: string
}

/** Yes or no; no is the default. */
export async function askYes(terminal: Terminal, message: string, fallback = false): Promise<boolean> {
  const prompt = await contextOf(terminal)
  const {answer} = await prompt([{type: 'confirm', name: 'answer', message, default: fallback}])
  return answer as boolean
}

/** One line of text, checked as it is typed. */
export async function askText(
  terminal: Terminal,
  question: {message: string; fallback?: string; check?: (text: string) => string | undefined},
): Promise<string> {
  const prompt = await contextOf(terminal)
  const {message, fallback, check} = question
  const {answer} = await prompt([
    {
      type: 'input',
      name: 'answer',
      message,
      ...(fallback === undefined ? {} : {default: fallback}),
      validate: (text: string) => {
        const problem = check?.(text)
        return problem === undefined ? true : `${text} ${problem}`
      },
    },
  ])
  return answer as string
}

/** One of some. */
export async function askChoice(terminal: Terminal, message: string, choices: readonly Choice[]): Promise<string> {
  const prompt = await contextOf(terminal)
  const {answer} = await prompt([{type: 'select', name: 'answer', message, choices: [...choices]}])
  return answer as string
}

/** Some of many, at least so many. */
export async function askMany(
  terminal: Terminal,
  message: string,
  choices: readonly Choice[],
  atLeast: number,
): Promise<string[]> {
  const prompt = await contextOf(terminal)
  const {answer} = await prompt([
    {
      type: 'checkbox',
      name: 'answer',
      message,
      choices: [...choices],
      validate: (picked: readonly unknown[]) => picked.length >= atLeast || `at least ${atLeast}`,
    },
  ])
  return answer as string[]
}
