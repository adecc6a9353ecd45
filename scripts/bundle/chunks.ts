import {readFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {Metafile, Plugin} from 'esbuild'

/** Which source files the bundle puts into the same file. */
export interface Groups {
  /** Source files by group. */
  files: Map<string, string[]>
  /** The groups that are loaded before each entry and each dynamically imported file. */
  before: Map<string, string[]>
}

/**
 * Sorts source files into groups. Without groups, esbuild creates a file for each set of commands with common sources, and
 * a start would load dozens of small files.
 *
 * - `core`: used by the program before it knows the command
 * - `shared`: used by commands of several topics
 * - name of a topic: used by several commands of the topic
 *
 * Files that only one command uses, and files that are only imported dynamically, are in no group.
 *
 * @param meta metadata of a bundle without groups
 * @param entries the entry points of the bundle: `src/main.ts`, `src/commands/ca/init.ts`
 */
export function groupsOf(meta: Metafile, entries: readonly string[]): Groups {
  const users = usersOf(meta, entries, ['import-statement', 'require-call'])
  const files = new Map<string, string[]>()
  for (const [file, usedBy] of [...users].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const group = groupOf(usedBy)
    // esbuild puts packages into the file of the sources that import them.
    if (group && isSource(file) && !entries.includes(file)) files.set(group, [...(files.get(group) ?? []), file])
  }
  const everyUser = usersOf(meta, entries, ['import-statement', 'require-call', 'dynamic-import'])
  const before = new Map(entries.map(entry => [entry, groupsBefore([topicOf(entry)])]))
  for (const {entryPoint} of Object.values(meta.outputs))
    if (entryPoint && isSource(entryPoint) && !before.has(entryPoint))
      // A file of a topic that another command imports dynamically stays in the file of its topic.
      before.set(entryPoint, groupsBefore((users.get(entryPoint) ?? everyUser.get(entryPoint) ?? []).map(topicOf)))
  return {files, before}
}

/**
 * The esbuild plugin that applies groups: every entry imports all files of its groups, so that esbuild puts the files of
 * a group into one file.
 */
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

/** The topic of a command's source file, or its name for a command without a topic. Undefined for other files. */
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

/** The entries that use each file, directly or indirectly, through the given kinds of imports. */
function usersOf(meta: Metafile, entries: readonly string[], kinds: readonly string[]): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const entry of entries) {
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      users.set(file, [...(users.get(file) ?? []), entry])
      for (const {path, kind, external} of meta.inputs[file]?.imports ?? [])
        if (!external && kinds.includes(kind)) visit(path)
    }
    visit(entry)
  }
  return users
}

function isSource(file: string): boolean {
  return file.startsWith('src/')
}
