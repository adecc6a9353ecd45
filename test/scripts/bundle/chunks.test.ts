import type {Metafile} from 'esbuild'
import {expect, test} from 'vitest'
import {groupsOf} from '../../../scripts/bundle/chunks.ts'

const entries = [
  'src/main.ts',
  'src/commands/a/x.ts',
  'src/commands/a/y.ts',
  'src/commands/b/z.ts',
  'src/commands/alone.ts',
]

/** @param imports imported files by file; `?` marks a dynamic import */
function metaOf(imports: Record<string, string[]>): Metafile {
  const inputs = Object.entries(imports).map(([file, names]) => [
    file,
    {
      bytes: 1,
      imports: names.map(name => ({
        path: name.replace('?', ''),
        kind: name.startsWith('?') ? 'dynamic-import' : 'import-statement',
      })),
    },
  ])
  const dynamic = Object.values(imports)
    .flat()
    .filter(name => name.startsWith('?'))
  const outputs = dynamic.map(name => [name, {entryPoint: name.slice(1)}])
  return {inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs)} as Metafile
}

test('files are grouped by the commands that use them', () => {
  const {files} = groupsOf(
    metaOf({
      'src/main.ts': ['src/errors.ts'],
      'src/commands/a/x.ts': ['src/errors.ts', 'src/terminal/flags.ts', 'src/specs/a.ts', 'src/only-x.ts'],
      'src/commands/a/y.ts': ['src/terminal/flags.ts', 'src/specs/a.ts'],
      'src/commands/b/z.ts': ['src/terminal/flags.ts'],
      'src/commands/alone.ts': [],
      'src/terminal/flags.ts': ['node_modules/oclif/flags.js', 'src/deep.ts'],
      'src/specs/a.ts': ['?src/heavy.ts'],
      'src/heavy.ts': ['src/terminal/flags.ts', 'src/of-heavy.ts'],
    }),
    entries,
  )
  expect(Object.fromEntries(files)).toEqual({
    core: ['src/errors.ts'],
    shared: ['src/deep.ts', 'src/terminal/flags.ts'],
    a: ['src/specs/a.ts'],
  })
})

test('groups are loaded before entries and dynamically imported files', () => {
  const {before} = groupsOf(
    metaOf({
      'src/commands/a/x.ts': ['?src/of-a.ts', '?src/of-both.ts', '?node_modules/ora/index.js'],
      'src/commands/b/z.ts': ['?src/of-both.ts'],
      'src/main.ts': ['?src/of-main.ts'],
    }),
    entries,
  )
  expect(Object.fromEntries(before)).toEqual({
    'src/main.ts': ['core'],
    'src/commands/a/x.ts': ['core', 'shared', 'a'],
    'src/commands/a/y.ts': ['core', 'shared', 'a'],
    'src/commands/b/z.ts': ['core', 'shared', 'b'],
    'src/commands/alone.ts': ['core', 'shared', 'alone'],
    'src/of-a.ts': ['core', 'shared', 'a'],
    'src/of-both.ts': ['core', 'shared'],
    'src/of-main.ts': ['core'],
  })
})

test('a file of a topic that another command imports dynamically is loaded with the group of its topic', () => {
  const {before} = groupsOf(
    metaOf({
      'src/commands/a/x.ts': ['src/read-a.ts'],
      'src/commands/a/y.ts': [],
      'src/commands/alone.ts': ['?src/read-a.ts'],
    }),
    entries,
  )
  expect(before.get('src/read-a.ts')).toEqual(['core', 'shared', 'a'])
})
