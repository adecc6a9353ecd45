import {readFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {Metafile, Plugin} from 'esbuild'

/** Which source files lie together in one file of the bundle. */
export interface Groups {
  /** Source files by the name of their group. */
  files: Map<string, string[]>
  /** Of each file that is loaded by its name (a command, what is imported dynamically): the groups that are loaded before it. */
  before: Map<string, string[]>
}

/**
 * Sorts source files into groups, since esbuild makes a file for each set of commands that share something: with thirty
 * commands a start would open dozens of small ones.
 *
 * - `core`: what the program itself needs, before it knows the command
 * - `shared`: what commands of several topics need
 * - a topic's name: what several commands of that topic need
 *
 * What only one command needs, and what is only imported dynamically, is in no group.
 *
 * @param meta of a bundle without groups
 * @param entries the source files that it was made of: `src/main.ts`, `src/commands/ca/init.ts`
 */
export function groupsOf(meta: Metafile, entries: readonly string[]): Groups {
  const users = usersOf(meta, entries, ['import-statement', 'require-call'])
  const files = new Map<string, string[]>()
  for (const [file, of] of [...users].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const group = groupOf(of)
    // Packages follow the sources that import them.
    if (group && isSource(file) && !entries.includes(file)) files.set(group, [...(files.get(group) ?? []), file])
  }
  const everyUser = usersOf(meta, entries, ['import-statement', 'require-call', 'dynamic-import'])
  const before = new Map(entries.map(entry => [entry, groupsBefore([topicOf(entry)])]))
  for (const {entryPoint} of Object.values(meta.outputs))
    if (entryPoint && isSource(entryPoint) && !before.has(entryPoint))
      before.set(entryPoint, groupsBefore((everyUser.get(entryPoint) ?? []).map(topicOf)))
  return {files, before}
}

/** Makes the groups: whatever loads one file of a group now loads all of them, and esbuild puts them together. */
export function grouping({files, before}: Groups, root: string): Plugin {
  return {
    name: 'grouping',
    setup({onResolve, onLoad}) {
      onLoad({filter: /\.ts$/}, ({path, namespace}) => {
        const groups = namespace === 'file' ? before.get(path.slice(join(root, '/').length)) : undefined
        if (!groups) return undefined
        const imports = groups.map(group => `import 'group:${group}'`)
        return {contents: [readFileSync(path, 'utf8'), ...imports].join('\n'), loader: 'ts'}
      })
      onResolve({filter: /^group:/}, ({path}) => ({path: path.slice('group:'.length), namespace: 'group'}))
      onLoad({filter: /^/, namespace: 'group'}, ({path}) => ({
        contents: (files.get(path) ?? []).map(file => `import ${JSON.stringify(join(root, file))}`).join('\n'),
        resolveDir: root,
      }))
    },
  }
}

/** Topic of a command's source file (its name, for a command without one), undefined for what is no command. */
function topicOf(entry: string): string | undefined {
  if (!entry.startsWith('src/commands/')) return undefined
  return dirname(entry) === 'src/commands' ? basename(entry, '.ts') : basename(dirname(entry))
}

function groupOf(users: readonly string[]): string | undefined {
  const topics = new Set(users.map(topicOf))
  if (topics.has(undefined)) return 'core'
  if (topics.size > 1) return 'shared'
  return users.length > 1 ? [...topics][0] : undefined
}

function groupsBefore(topics: readonly (string | undefined)[]): string[] {
  const [topic, ...others] = new Set(topics)
  if (topic === undefined) return ['core']
  return others.length > 0 ? ['core', 'shared'] : ['core', 'shared', topic]
}

/** The entries that need a file, for each file, over the given kinds of import. */
function usersOf(meta: Metafile, entries: readonly string[], kinds: readonly string[]): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const entry of entries) {
    const seen = new Set<string>()
    const look = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      users.set(file, [...(users.get(file) ?? []), entry])
      for (const {path, kind, external} of meta.inputs[file]?.imports ?? [])
        if (!external && kinds.includes(kind)) look(path)
    }
    look(entry)
  }
  return users
}

function isSource(file: string): boolean {
  return file.startsWith('src/')
}
