import {spawn} from 'node:child_process'
import {median} from './claim.ts'

/** A command to measure. */
export interface Measured {
  /** Program and arguments. */
  argv: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Runs before each measurement, and is not measured. */
  before?: () => Promise<void>
}

/** Number of measurements of each command. */
export interface Rounds {
  /** First rounds, which are not counted. */
  warmUps: number
  counted: number
}

/**
 * Runs commands alternately (A B C C B A …), so that other load on the machine affects all of them equally.
 *
 * @returns the median wall time of each command in milliseconds
 * @throws Error if a command fails
 */
export async function measure<K extends string>(
  commands: Record<K, Measured>,
  rounds: Rounds,
): Promise<Record<K, number>> {
  const names = Object.keys(commands) as K[]
  const times = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<K, number[]>
  for (let round = 0; round < rounds.warmUps + rounds.counted; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      await commands[name].before?.()
      const {milliseconds} = await runOnce(commands[name])
      if (round >= rounds.warmUps) times[name].push(milliseconds)
    }
  }
  return Object.fromEntries(names.map(name => [name, median(times[name])])) as Record<K, number>
}

/**
 * Runs a command.
 *
 * @throws Error with its stderr if it fails
 */
export async function runOnce({argv, env}: Measured): Promise<{milliseconds: number; stdout: string}> {
  const [program, ...args] = argv
  const started = performance.now()
  const child = spawn(program!, args, {env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']})
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', chunk => out.push(chunk))
  child.stderr.on('data', chunk => err.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  const milliseconds = performance.now() - started
  if (code !== 0) throw new Error(`exit ${code}: ${argv.join(' ')}\n${Buffer.concat(err)}`)
  return {milliseconds, stdout: Buffer.concat(out).toString()}
}
