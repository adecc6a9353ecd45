import {existsSync, globSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {sizes} from '../support/fake/screens.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Names of golden screens that differ from the command. */
const otherNames: Readonly<Record<string, string>> = {
  federate: 'federate-answers',
  'service-unexport': 'service-unexport-gateways',
  start: 'landing',
}

/** The commands that ask for missing input: `tenant-add`. */
const asking = globSync('src/commands/**/*.ts', {cwd: root})
  .filter(file => /\b(?:askMissing|askMissingFile|withReplay)\b/.test(readFileSync(`${root}/${file}`, 'utf8')))
  .map(file =>
    file
      .replace('src/commands/', '')
      .replace(/(?:\/index)?\.ts$/, '')
      .replaceAll('/', '-'),
  )
  .sort()

test.each([...new Set([...asking, 'federate', 'start'])])(
  'the questions of %s have a golden screen of each size',
  name => {
    for (const {columns} of sizes) {
      const file = `test/golden/screens/${otherNames[name] ?? name}-${columns}.txt`
      expect(existsSync(`${root}/${file}`), file).toBe(true)
    }
  },
)
