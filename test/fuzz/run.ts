/**
 * `npm run fuzz -- [--seed N] [--count N] [--only TARGET] [--path PATH]`: tries seeded inputs at every boundary that reads
 * text from users, files and clusters. A failure is printed with its shrunk input and the command that repeats it.
 */
import {fork} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import type {Failure} from './run-target.ts'
import {targets} from './targets.ts'
import type {Work} from './worker.ts'

const {values} = parseArgs({
  options: {seed: {type: 'string'}, count: {type: 'string'}, only: {type: 'string'}, path: {type: 'string'}},
})
const seed = Number(values.seed ?? Date.now() % 0x7fff_ffff)
const count = Number(values.count ?? 110_000)
const chosen = targets.filter(({name}) => values.only === undefined || name === values.only)
if (chosen.length === 0 || !Number.isInteger(seed) || !Number.isInteger(count)) {
  process.stderr.write(`usage: npm run fuzz -- [--seed N] [--count N] [--only TARGET]\n`)
  process.stderr.write(`targets: ${targets.map(({name}) => name).join(', ')}\n`)
  process.exit(2)
}

/** A worker is stopped when one input takes longer: a loop without an end. */
const hangMs = 120_000
const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-fuzz-'))
const weights = chosen.reduce((sum, {weight}) => sum + weight, 0)

/** Starts a worker, and returns what it found. A worker that hangs or crashes is a failure too. */
function work(target: string, count: number): Promise<Partial<Failure>> {
  const progress = join(folder, target)
  writeFileSync(progress, '')
  const input: Work = {target, seed, count, path: values.path, progress}
  return new Promise(resolve => {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(input)], {
      execArgv: ['--max-old-space-size=1500'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let found: Partial<Failure> | undefined
    let last = ''
    let since = Date.now()
    const at = () => readFileSync(progress, 'utf8')
    const watch = setInterval(() => {
      const now = at()
      if (now !== last) [last, since] = [now, Date.now()]
      else if (Date.now() - since > hangMs) child.kill('SIGKILL')
    }, 1000)
    child.on('message', message => {
      found = message as Partial<Failure>
    })
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      const input = at() === '' ? 'none: the target cannot be loaded' : `number ${at()}`
      resolve(found ?? {input, error: `the process ended: ${signal ?? code}`, replay: {seed, path: at() || '0'}})
    })
  })
}

const queue = chosen.map(target => ({...target, count: Math.ceil((count * target.weight) / weights)}))
let tried = 0
let failures = 0
const begin = Date.now()

async function workThrough(): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const start = Date.now()
    const {error, input, replay} = await work(next.name, next.count)
    tried += next.count
    const seconds = ((Date.now() - start) / 1000).toFixed(1)
    process.stdout.write(`${error ? '✘' : '✔'} ${next.name}: ${next.count} inputs, ${seconds} s\n`)
    if (!error || !replay) continue
    failures++
    process.stdout.write(`${error}\ninput: ${input}\n`)
    process.stdout.write(
      `repeat: npm run fuzz -- --only ${next.name} --seed ${replay.seed} --count ${next.count} --path ${replay.path}\n`,
    )
  }
}

await Promise.all(Array.from({length: Math.min(2, availableParallelism())}, workThrough))
rmSync(folder, {recursive: true})
process.stdout.write(
  `seed ${seed}: ${tried} inputs, ${failures} failures, ${((Date.now() - begin) / 1000).toFixed(0)} s\n`,
)
process.exitCode = failures > 0 ? 1 : 0
