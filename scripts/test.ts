/**
 * Runs projects of vitest for the npm scripts: `node scripts/test.ts --project unit [ARGUMENT OF VITEST]...`.
 *
 * With `CI=true`, up to three files that failed run once more, when nothing else does: the tests of real servers
 * share a machine with other work, and a pause of the API server can break one of a thousand. The last lines
 * name each file that passed only the second time, because it has a fault too, be it of the test or of the product.
 */
import {relative} from 'node:path'
import {type CliOptions, parseCLI, startVitest} from 'vitest/node'

/** More failed files than this are a defect, not a pause of the machine. */
const maxRepeated = 3

const {filter, options} = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const failed = await runVitest(filter, options)
if (process.env.CI === 'true' && failed.length > 0 && failed.length <= maxRepeated) {
  process.stderr.write(`\nThese files failed and run once more: ${failed.join(' ')}\n\n`)
  process.exitCode = 0
  const again = await runVitest(failed, {...options, maxWorkers: 1})
  for (const file of failed.filter(file => !again.includes(file)))
    process.stderr.write(`unstable: ${file} failed, and passed when it ran once more\n`)
}
process.exit()

/**
 * Runs vitest, which sets `process.exitCode` to 1 if something failed.
 * @returns the failed files, relative to the current folder; none if an error belongs to no file, so that nothing runs again
 */
async function runVitest(files: string[], options: CliOptions): Promise<string[]> {
  const vitest = await startVitest('test', files, options)
  const errors = vitest.state.getUnhandledErrors().length
  const failures = vitest.state.getFailedFilepaths().map(path => relative(process.cwd(), path))
  await vitest.close()
  return errors > 0 ? [] : failures
}
