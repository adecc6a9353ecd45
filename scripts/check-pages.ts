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

/** The commands that run the checks of a folder or module, the most specific path first. */
const commandsOf: readonly [path: string, commands: readonly string[]][] = [
  ['addon/checks.ts', ['addon install']],
  ['addon/connect/', ['addon connect']],
  ['addon/verify/', ['check']],
  ['authz/checks-attach.ts', ['authz attach']],
  ['authz/checks-verify.ts', ['authz verify']],
  ['authz/records/', ['authz attach']],
  ['authz/target/checks-verify.ts', ['authz verify']],
  ['authz/', ['authz attach', 'authz verify']],
  ['ca/change/', ['ca renew', 'ca rotate']],
  ['ca/renew/', ['ca renew']],
  ['ca/rotate/', ['ca rotate']],
  ['check/checks.ts', ['ingress tls', 'check']],
  ['check/', ['check']],
  ['federate/ambient/checks-services.ts', ['federate verify']],
  ['federate/ambient/checks-verify.ts', ['federate verify']],
  ['federate/ambient/', ['federate', 'federate status', 'federate verify', 'check']],
  ['federate/checks-reader.ts', ['federate']],
  ['federate/joined/', ['federate', 'federate status', 'federate verify', 'check']],
  ['federate/preflight/', ['federate', 'federate status', 'federate verify', 'check']],
  ['federate/remove/', ['federate remove']],
  ['federate/rotate/', ['federate', 'federate rotate']],
  ['federate/status/', ['federate status', 'check']],
  ['federate/verify/', ['federate verify']],
  ['ingress/tls/', ['ingress tls']],
  ['ingress/', ['ingress deploy']],
  ['install/', ['install']],
  ['locality/balance/', ['locality balance']],
  ['locality/checks-mesh.ts', ['locality status', 'locality balance']],
  ['locality/label/', ['locality label']],
  ['locality/status/', ['locality status']],
  ['service/checks-imports.ts', ['service export', 'service unexport']],
  ['service/', ['service export']],
  ['tenant/ambient/', ['tenant add', 'tenant assign', 'tenant verify']],
  ['tenant/assign/', ['tenant assign']],
  ['tenant/checks-add.ts', ['tenant add']],
  ['tenant/checks-injection.ts', ['tenant add', 'tenant assign']],
  ['tenant/existing/', ['tenant add']],
  ['tenant/verify/', ['tenant verify', 'check']],
  ['vm/register/', ['vm register']],
  ['vm/verify/', ['vm verify']],
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

/**
 * The commands that run a check, in words such as `federate verify`.
 *
 * @throws Error if the table does not name the module of the check
 */
export function commandsFor({id, source}: Pick<DocumentedCheck, 'id' | 'source'>): readonly string[] {
  const known = commandsOf.find(([path]) => source.startsWith(path))
  if (known === undefined) throw new Error(`${source}: no command is known to run check ${id}`)
  return known[1]
}
