import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {exitCodes} from '../../../src/errors.ts'
import {main} from '../../../src/main.ts'
import {candidates} from '../argv-words.ts'
import {commands} from '../commands.ts'
import {must, mustBePrintable} from '../oracle.ts'
import {root} from '../schemas.ts'
import {defineTarget} from '../target.ts'
import {tempFolder} from '../temp-folder.ts'

/** Not `completion`, which creates links, and not `ca`, which creates folders: their arguments are paths. */
const harmless = commands.filter(({id}) => !/^(completion|ca\b)/.test(id))
const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8').replaceAll('./dist/', './src/'))

/** Command lines that end with manifests in a folder, because a client dry run needs no cluster. */
const dryRun = fc
  .tuple(
    fc.constantFrom(
      ['federate', '--contexts', 'east,west'],
      ['federate', '--mode', 'gateways', '--contexts', 'east,west', '--network', 'east=a'],
      ['federate', '--mode', 'primary-remote', '--contexts', 'east,west', '--primary', 'east'],
      ['federate', '-f', 'mesh.yaml'],
    ),
    fc.constantFrom(
      ['--dry-run=client', '--output-dir', 'out'],
      ['--dry-run=client', '--output-dir=out', '--include-secrets'],
      ['--dry-run=client'],
    ),
    candidates(harmless.filter(({id}) => id === 'federate')).map(words => words.slice(1)),
  )
  .map(parts => parts.flat())

/** A word after which the program reads and writes only in the working directory, and does not read stdin. */
const isHarmless = (word: string) => word !== '-' && !/(^|=)([./~]|-$)/.test(word)

const place = tempFolder()
const folder = join(place, 'a', 'b', 'c', 'd')

/** Whole commands, from the command line to the output and the exit code, without a cluster. */
export const target = defineTarget({
  input: fc.oneof(candidates(harmless), dryRun).map(words => words.filter(isHarmless)),
  async check(words) {
    mkdirSync(folder, {recursive: true})
    writeFileSync(
      join(folder, 'mesh.yaml'),
      'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Federation\nspec: {contexts: [east, west]}\n',
    )
    const {exit, written} = await run(words)
    must(
      [exitCodes.ok, exitCodes.usage, exitCodes.refused].some(code => code === exit),
      `exit code ${exit}`,
      words,
      written,
    )
    must(!/^error: unexpected: /m.test(written), 'an unexpected error', words, written)
    mustBePrintable(written)
    const outside = readdirSync(place, {recursive: true, encoding: 'utf8'}).filter(
      path => !/^a(\/b(\/c(\/d(\/.*)?)?)?)?$/s.test(path),
    )
    must(outside.length === 0, 'files outside of the output folder', words, outside)
    rmSync(place, {recursive: true})
  },
})

/** Runs a command line in this process, in an empty folder, without programs and without a kubeconfig. */
async function run(words: readonly string[]): Promise<{exit: number; written: string}> {
  const before = {folder: process.cwd(), env: process.env, stdout: process.stdout.write, stderr: process.stderr.write}
  let written = ''
  const write = (chunk: string | Uint8Array) => {
    written += String(chunk)
    return true
  }
  process.stdout.write = write
  process.stderr.write = write
  process.env = {HOME: folder, KUBECONFIG: join(folder, 'none'), PATH: folder}
  process.chdir(folder)
  try {
    return {exit: await main([...words], {root, pjson, ignoreManifest: true}), written}
  } finally {
    process.chdir(before.folder)
    process.env = before.env
    process.stdout.write = before.stdout
    process.stderr.write = before.stderr
    process.removeAllListeners('SIGINT')
  }
}
