/**
 * `npm run faults -- [--seed N] [--count N] [--only SCENARIO]`: disturbs commands with seeded schedules of faults, and expects
 * the next run to converge. A failure is printed with its schedule and the command that repeats it.
 */
import {type ChildProcess, fork} from 'node:child_process'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {scenarios} from './scenarios/index.ts'
import type {Ready, Task} from './worker.ts'

const {values} = parseArgs({options: {seed: {type: 'string'}, count: {type: 'string'}, only: {type: 'string'}}})
const seed = Number(values.seed ?? Date.now() % 0x7fff_ffff)
const count = Number(values.count ?? 200)
const chosen = scenarios.filter(({name}) => values.only === undefined || name === values.only)
if (chosen.length === 0 || !Number.isInteger(seed) || !Number.isInteger(count)) {
  process.stderr.write('usage: npm run faults -- [--seed N] [--count N] [--only SCENARIO]\n')
  process.stderr.write(`scenarios: ${scenarios.map(({name}) => name).join(', ')}\n`)
  process.exit(2)
}

/** Grouped by scenario, because a worker needs time to prepare one. */
const tasks: Task[] = Array.from({length: count}, (_, at) => ({
  scenario: chosen[Math.floor((at * chosen.length) / count)]!.name,
  seed: seed + at,
}))
const counts = new Map(chosen.map(({name}) => [name, {tried: 0, failed: 0, ms: 0}]))
const begin = Date.now()

/** Sends tasks to a worker until none is left. */
function work(next: () => Task | undefined): Promise<void> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'worker.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise(resolve => {
    let task: Task | undefined
    let since = Date.now()
    child.on('message', ({failure}: Ready) => {
      if (task) report(task, failure, Date.now() - since)
      since = Date.now()
      task = next()
      if (task) child.send(task)
      else child.disconnect()
    })
    child.once('exit', () => {
      if (task) report(task, `✘ ${task.scenario}, seed ${task.seed}: the worker ended`, 0)
      resolve()
    })
  })
}

function report({scenario}: Task, failure: string | undefined, ms: number): void {
  const entry = counts.get(scenario)!
  entry.tried++
  entry.ms += ms
  if (failure === undefined) return
  entry.failed++
  process.stdout.write(`${failure}\n\n`)
}

// The two workers begin at different ends, so that most scenarios are prepared once.
await Promise.all(count === 1 ? [work(() => tasks.shift())] : [work(() => tasks.shift()), work(() => tasks.pop())])
for (const [name, {tried, failed, ms}] of counts) {
  const seconds = (ms / tried / 1000).toFixed(1)
  process.stdout.write(`${failed > 0 ? '✘' : '✔'} ${name}: ${tried} schedules, ${failed} failures, ${seconds} s each\n`)
}
const failures = [...counts.values()].reduce((sum, {failed}) => sum + failed, 0)
process.stdout.write(
  `seed ${seed}: ${count} schedules, ${failures} failures, ${Math.round((Date.now() - begin) / 1000)} s\n`,
)
process.exitCode = failures > 0 || tasks.length > 0 ? 1 : 0
