import {globSync} from 'node:fs'
import {join} from 'node:path'
import {generated, page, program, sentence, shellBlock, table} from './markdown.ts'

/** A check in the sources. */
export interface DocumentedCheck {
  id: string
  about: string
  /** Path of its module below `src/features/`. */
  source: string
}

/** The commands that run the checks of a folder, the most specific folder first. */
const commandsOf: readonly [folder: string, commands: readonly string[]][] = [
  ['federate/preflight/', ['federate', 'federate status', 'federate verify', 'check']],
  ['federate/joined/', ['federate', 'federate status', 'federate verify', 'check']],
  ['federate/status/', ['federate status', 'check']],
  ['federate/verify/', ['federate verify']],
  ['federate/remove/', ['federate remove']],
  ['tenant/verify/', ['tenant verify', 'check']],
  ['vm/verify/', ['vm verify']],
  ['check/checks.ts', ['ingress tls', 'check']],
  ['check/', ['check']],
]

/** Imports all modules of features whose names begin with `checks`, and returns the checks that they export. */
export async function readChecks(root: string): Promise<DocumentedCheck[]> {
  const base = join(root, 'src/features')
  const modules = globSync('**/checks*.ts', {cwd: base}).sort()
  const found = await Promise.all(
    modules.map(async source => {
      const exported: Record<string, unknown> = await import(join(base, source))
      return checksIn(exported).map(check => ({...check, source}))
    }),
  )
  return found.flat()
}

function checksIn(exported: Record<string, unknown>): {id: string; about: string}[] {
  return Object.values(exported).flat(2).filter(isCheck)
}

function isCheck(value: unknown): value is {id: string; about: string} {
  const {id, about} = (value ?? {}) as Record<string, unknown>
  return typeof id === 'string' && typeof about === 'string'
}

/**
 * Renders an index of all checks, and a page for each ID.
 *
 * @returns the text of each page by its path
 */
export function checkPages(checks: readonly DocumentedCheck[]): Record<string, string> {
  const byId = [...Map.groupBy(checks, ({id}) => id)].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries([
    ['docs/checks/README.md', indexPage(byId)],
    ...byId.map(([id, own]) => [`docs/checks/${id}.md`, checkPage(id, own)]),
  ])
}

function indexPage(byId: readonly (readonly [string, readonly DocumentedCheck[]])[]): string {
  return page([
    '# Checks',
    generated,
    'Each finding has the ID of its check. IDs stay the same across releases.',
    table(
      ['check', 'passes if'],
      byId.map(([id, own]) => [`[\`${id}\`](${id}.md)`, aboutsOf(own).join('; ')]),
    ),
  ])
}

function checkPage(id: string, own: readonly DocumentedCheck[]): string {
  const commands = [...new Set(own.flatMap(commandsFor))]
  return page([
    `# \`${id}\``,
    generated,
    'The check passes if:',
    aboutsOf(own)
      .map(about => `- ${sentence(about)}`)
      .join('\n'),
    '## Commands that run it',
    shellBlock(commands.map(command => `${program} ${command}`).join('\n')),
    '## What to do',
    'Each finding states where it is, what was observed, and in its hint the next step. `-o json` has the same texts for programs.',
  ])
}

function aboutsOf(own: readonly DocumentedCheck[]): string[] {
  return [...new Set(own.map(({about}) => about))]
}

function commandsFor({source}: DocumentedCheck): readonly string[] {
  const known = commandsOf.find(([folder]) => source.startsWith(folder))
  return known?.[1] ?? [source.split('/')[0]!]
}
