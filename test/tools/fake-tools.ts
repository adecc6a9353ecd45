import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {afterEach, beforeEach} from 'vitest'

/** A folder with shell scripts in place of other programs, at the front of PATH. */
export interface FakeTools {
  folder: string
  /** Writes a shell script that stands in for a program, and returns its path. */
  add: (name: string, script: string) => Promise<string>
}

/**
 * Returns a folder for fake programs, which is created before each test and removed after it.
 *
 * @param options.only PATH contains nothing else
 */
export function useFakeTools(options: {only?: boolean} = {}): FakeTools {
  const path = process.env.PATH
  const tools: FakeTools = {
    folder: '',
    add: async (name, script) => {
      const file = join(tools.folder, name)
      await writeFile(file, `#!/bin/sh\nPATH='${path}'\n${script}\n`, {mode: 0o755})
      return file
    },
  }
  beforeEach(async () => {
    tools.folder = await mkdtemp(join(tmpdir(), 'fake-tools-'))
    process.env.PATH = options.only ? tools.folder : [tools.folder, path].join(delimiter)
  })
  afterEach(async () => {
    process.env.PATH = path
    await rm(tools.folder, {recursive: true})
  })
  return tools
}
