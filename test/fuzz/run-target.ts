import fc from 'fast-check'
import {must} from './oracle.ts'
import type {AnyTarget} from './target.ts'

/** Which inputs of a target to try. Equal values give equal inputs. */
export interface Runs {
  seed: number
  count: number
  /** Position of one input in fast-check's notation, from an earlier failure: only this input is tried. */
  path?: string | undefined
}

/** The first input of a target for which a check failed, after shrinking. */
export interface Failure {
  input: string
  error: string
  /** Values of the flags that find it again. */
  replay: Required<Pick<Runs, 'seed'>> & {path: string}
}

/** Milliseconds for each of the two ways of shrinking. */
const shrinkMs = 15_000

/**
 * Tries inputs of a target.
 *
 * @param started is called with each input and its number, before it is tried
 */
export async function runTarget(
  target: AnyTarget,
  {seed, count, path}: Runs,
  started: (at: number, input: unknown) => void = () => {},
): Promise<Failure | undefined> {
  let tried = 0
  let end = Number.POSITIVE_INFINITY
  const check = async (input: unknown): Promise<void> => {
    if (performance.now() > end) return
    started(tried++, input)
    try {
      await checkInTime(target, input)
    } catch (error) {
      end = Math.min(end, performance.now() + shrinkMs)
      throw error
    }
  }
  const details = await fc.check(fc.asyncProperty(target.input, check), {
    seed,
    numRuns: count,
    ...(path === undefined ? {} : {path}),
  })
  if (!details.failed) return undefined
  const smallest = await shrunk(target, details.counterexample?.[0])
  return {
    input: typeof smallest === 'string' ? JSON.stringify(smallest) : fc.stringify(smallest),
    error: shown(await faultOf(target, smallest)) || shown(details.errorInstance),
    replay: {seed: details.seed, path: details.counterexamplePath ?? '0'},
  }
}

/** The time of one check in milliseconds: far more than a sound check needs, as a ratio to the size of the input. */
function limitFor(input: unknown): number {
  return 500 + 0.1 * (typeof input === 'string' ? input.length : (JSON.stringify(input) ?? '').length)
}

/** Measures the time of the processor, because other programs run too. A check that takes too long is measured again. */
async function checkInTime(target: AnyTarget, input: unknown): Promise<void> {
  const spent = await timeOf(() => target.check(input))
  const limit = limitFor(input)
  if (spent <= limit) return
  const again = await timeOf(() => target.check(input))
  must(again <= limit, `takes ${Math.round(again)} ms; the limit for its size is ${Math.round(limit)} ms`)
}

async function timeOf(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const {user, system} = process.cpuUsage(before)
  return (user + system) / 1000
}

async function faultOf(target: AnyTarget, input: unknown): Promise<unknown> {
  try {
    await checkInTime(target, input)
    return undefined
  } catch (error) {
    return error
  }
}

/** Shrinks each text of an input that fails: fast-check knows how it was generated, but not how a text is shortened. */
async function shrunk(target: AnyTarget, input: unknown): Promise<unknown> {
  if (typeof input === 'string') return shorter(input, text => faultOf(target, text))
  if (!Array.isArray(input)) return input
  let parts: unknown[] = input
  for (const [at, part] of parts.entries())
    if (typeof part === 'string') {
      const text = await shorter(part, tried => faultOf(target, parts.with(at, tried)))
      parts = parts.with(at, text)
    }
  return parts
}

/** Removes pieces of a text, from halves to single characters, while there is still a fault. */
async function shorter(input: string, faultFor: (text: string) => Promise<unknown>): Promise<string> {
  let text = input
  const end = performance.now() + shrinkMs
  for (let size = Math.ceil(text.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < text.length && performance.now() < end; ) {
      const candidate = text.slice(0, at) + text.slice(at + size)
      if ((await faultFor(candidate)) === undefined) at += size
      else text = candidate
    }
  return text
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : error === undefined ? '' : String(error)
}
