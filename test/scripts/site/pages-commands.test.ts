import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Flag {
  char?: string
  allowNo?: boolean
}
const commands: Record<string, {flags: Record<string, Flag>}> = JSON.parse(read('oclif.manifest.json')).commands
/** Pages written by hand. The pages of commands are generated, and older texts of the changelog name older flags. */
const pages = [...globSync('docs/{*,recipes/*}.md', {cwd: root}), 'README.md', 'SECURITY.md'].sort()

/** The command lines in the code of a page: blocks and `inline`, with continued lines joined. */
function commandLines(text: string): string[] {
  const joined = text.replaceAll(/\\\n\s*/g, '')
  const blocks = joined.split('\n').filter(line => / {4}|\$ /.test(line.slice(0, 4)) || !line.includes('`'))
  const inline = [...joined.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
  return [...blocks, ...inline].flatMap(line =>
    [...line.matchAll(/kubectl mesh ([a-z][^|;&>#)]*)/g)].map(([, words]) => words!.trim()),
  )
}

/** What is wrong with a command line. */
function problemOf(line: string): string | undefined {
  const words = line.split(/\s+/)
  const id = [2, 1].map(length => words.slice(0, length).join(':')).find(one => one in commands)
  if (id === undefined) return words[0]! in topics() ? undefined : 'no such command'
  const {flags} = commands[id]!
  const names = Object.entries(flags).flatMap(([name, flag]) => [
    `--${name}`,
    ...(flag.allowNo ? [`--no-${name}`] : []),
    ...(flag.char ? [`-${flag.char}`] : []),
  ])
  const unknown = words.filter(word => /^--?[a-z]/.test(word)).map(word => word.split('=')[0]!)
  return unknown.find(word => !['--help', '-h', ...names].includes(word))
}

/** Words that begin commands, such as `tenant`. */
function topics(): Record<string, true> {
  return Object.fromEntries(Object.keys(commands).map(id => [id.split(':')[0]!, true]))
}

describe.each(pages)('%s', page => {
  test('every command and flag exists', () => {
    const wrong = commandLines(read(page)).flatMap(line => (problemOf(line) ? [`${problemOf(line)}: ${line}`] : []))
    expect(wrong).toEqual([])
  })
})

test('commands and flags that do not exist are found', () => {
  const lines = commandLines(
    '    kubectl mesh federate --contexts a,b --no-such\n\nRun `kubectl mesh nothing` or `kubectl mesh graph -o svg`.',
  )
  expect(lines.map(problemOf)).toEqual(['--no-such', 'no such command', undefined])
})

describe('docs/troubleshooting.md', () => {
  const sources = globSync('src/**/*.ts', {cwd: root}).map(read).join('\n')
  const quoted = [
    ...read('docs/troubleshooting.md').matchAll(/^\| (?:[^|]*?: )?`([^`]+)`/gm),
    ...read('docs/troubleshooting.md').matchAll(/: `([^`]+)`/g),
  ]
    .map(([, message]) => message!)
    .filter(
      message => / /.test(message) && !/^(kubectl |--)/.test(message) && !message.startsWith('error: unknown command'),
    )

  test('quotes messages', () => expect(quoted.length).toBeGreaterThan(25))
  test.each([...new Set(quoted)])('the program has this message: %s', message => {
    const fragments = message
      .split(/\b[A-Z]{2,}(?: |\b)|\b[AB]\b|…/)
      .map(part => part.trim().replace(/^[(),:; ]+|[(),:; ]+$/g, ''))
    for (const fragment of fragments.filter(part => part.length > 3))
      expect(sources.includes(fragment), fragment).toBe(true)
  })
})
