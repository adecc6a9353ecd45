import type {Gate} from '../../run/gate.ts'
import type {Run} from '../../run/run.ts'
import {namingContext} from '../../terminal/hint-terminal.ts'
import {renderLines, type StyledLine} from '../../terminal/output/styled.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {type AppliedDocument, lineOf, titleOf} from './kind.ts'

/** Messages of the documents. Each is printed once per document, below its title. */
export interface Messages {
  /** Returns the terminal for the run of a document. It never prompts, and passes results to `print`. */
  terminalFor(document: AppliedDocument, print: Terminal['print']): Terminal
}

/** Returns terminals whose messages go to the terminal of the run. A warning that several documents have is printed once. */
export function collectMessages(terminal: Terminal): Messages {
  const shown = new Set<string>()
  const warnings = new Map<string, AppliedDocument>()
  let last: AppliedDocument | undefined
  return {
    terminalFor: (document, print) => ({
      ...terminal,
      interactive: false,
      print,
      message: lines => {
        const texts = textsOf(lines)
          .filter(text => text.trim() !== '')
          .map(text => lineOf(text, document))
        const key = [titleOf(document), ...texts].join('\n')
        if (texts.length === 0 || shown.has(key)) return
        shown.add(key)
        const first = warnings.get(texts.join('\n'))
        if (first) {
          last = undefined
          return terminal.message(`${titleOf(document)}: same warning as for ${titleOf(first)}`)
        }
        if (texts[0]!.startsWith('warning:')) warnings.set(texts.join('\n'), document)
        const title = last === document ? [] : [`${titleOf(document)}:`]
        last = document
        terminal.message([...title, ...texts.map(text => `  ${text}`)])
      },
    }),
  }
}

function textsOf(lines: string | readonly (string | StyledLine)[]): string[] {
  const list = typeof lines === 'string' ? [lines] : lines
  const styled = list.map(line => (typeof line === 'string' ? {text: line} : line))
  return renderLines(styled, false).split('\n')
}

/** What the run of one document needs beside the run of the command. */
export interface DocumentRun {
  document: AppliedDocument
  gate: Gate
  messages: Messages
  /** Receives the results that its command prints. The caller prints another report. */
  print?: Terminal['print']
  dryRun: 'none' | 'server'
  /** Whether the user has confirmed the plan of the document itself. Otherwise its risks need their flags, as with `--yes`. */
  isConfirmed: boolean
}

/** Returns the run of one document: its command with `-f`, without questions, whose plans go to the gate. */
export function runOf(
  run: Run,
  {document, gate, messages, print = () => undefined, dryRun, isConfirmed}: DocumentRun,
): Run {
  const {kind} = document
  const flags = new Set(Object.values(kind.fields).map(({flag}) => flag))
  return {
    ...run,
    gate,
    terminal: namingContext(messages.terminalFor(document, print), document.context ?? ''),
    command: ['kubectl mesh', kind.command, run.connection ?? ''].join(' ').trim(),
    answers: [],
    write: {
      ...run.write,
      dryRun,
      complete: true,
      exitCode: dryRun === 'server',
      output: undefined,
      outputDir: undefined,
      only: undefined,
      reset: run.write.reset.filter(flag => flags.has(flag)),
      // Confirmed for all documents together.
      overwriteManaged: run.write.overwriteManaged || isConfirmed,
      yes: run.write.yes || (dryRun === 'none' && !isConfirmed),
    },
  }
}
