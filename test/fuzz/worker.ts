/** Tries the inputs of one target in a process that `run.ts` watches. Argument: `Work` as JSON. */
import {openSync, writeSync} from 'node:fs'
import fc from 'fast-check'
import {type Runs, runTarget} from './run-target.ts'
import {loadTarget} from './targets.ts'

/** What a worker does. */
export interface Work extends Runs {
  target: string
  /** File that receives the number of each input before it is tried, because a hung process cannot send a message. */
  progress: string
}

const {target: name, progress, ...runs} = JSON.parse(process.argv[2]!) as Work
const file = openSync(progress, 'w')
const failure = await runTarget(await loadTarget(name), runs, (at, input) => {
  writeSync(file, String(at), 0)
  // If the input of an earlier hang or crash is repeated, nothing else shows it.
  if (runs.path !== undefined && at === 0) process.stderr.write(`trying ${fc.stringify(input)}\n`)
})
process.send!(failure ?? {}, () => process.exit(0))
