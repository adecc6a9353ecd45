import {globSync} from 'node:fs'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {describe, expect, test} from 'vitest'
import {parseDuration} from '../../src/text/duration.ts'

interface CommandClass {
  args?: Record<string, {ignoreStdin?: boolean}>
  flags?: Record<string, FlagShape>
  baseFlags?: Record<string, FlagShape>
}

interface FlagShape {
  char?: string
  multiple?: boolean
  multipleNonGreedy?: boolean
  allowStdin?: unknown
  default?: unknown
  defaultHelp?: unknown
  noCacheDefault?: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = globSync(['src/commands/**/*.ts', 'test/fixtures/cli/commands/**/*.ts'], {cwd: root}).sort()

/** What oclif takes from a class; everything else would land in the manifest. */
const statics = [
  'args',
  'aliases',
  'baseFlags',
  'description',
  'examples',
  'flags',
  'hidden',
  'id',
  'strict',
  'summary',
  'usage',
]

describe.each(files)('%s', file => {
  const load = async () => (await import(pathToFileURL(`${root}/${file}`).href)).default as CommandClass

  test('reads no stdin for a missing argument or a flag', async () => {
    const command = await load()
    for (const [name, arg] of Object.entries(command.args ?? {})) expect(arg.ignoreStdin, name).toBe(true)
    for (const [name, flag] of Object.entries(command.flags ?? {})) expect(flag.allowStdin, name).toBeUndefined()
  })

  test('takes one value with each flag', async () => {
    for (const [name, flag] of Object.entries((await load()).flags ?? {}))
      if (flag.multiple) expect(flag.multipleNonGreedy, name).toBe(true)
  })

  test('has defaults that building may know, and help that needs no code', async () => {
    for (const [name, flag] of Object.entries((await load()).flags ?? {})) {
      expect(typeof flag.default, name).not.toBe('function')
      expect(flag.defaultHelp, name).toBeUndefined()
      if (typeof flag.default === 'number' && parseDuration(`${flag.default}ms`) && flag.default > 9)
        expect(flag.noCacheDefault, name).toBe(true)
    }
  })

  test('leaves -v to verbosity', async () => {
    const {flags = {}, baseFlags = {}} = await load()
    const chars = Object.entries({...baseFlags, ...flags}).flatMap(([name, flag]) => (flag.char === 'v' ? [name] : []))
    expect(chars.filter(name => name !== 'v')).toEqual([])
  })

  test("has no statics but oclif's", async () => {
    expect(Object.keys(await load()).filter(key => !statics.includes(key))).toEqual([])
  })
})
