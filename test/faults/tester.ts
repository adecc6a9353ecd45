import type {Ground} from '../support/ground/ground.ts'
import type {ProgramResult} from '../support/ground/program.ts'
import {foreignProblems, plantForeign} from './foreign.ts'
import {type Injection, injectFaults, type Totals} from './inject.ts'
import {memberProblems, setIds} from './members.ts'
import {calmProblems, exitProblems} from './problems.ts'
import type {Commands, Stage} from './scenario.ts'
import type {PlannedFault, Schedule} from './schedule.ts'
import {comparableState, differences, type Objects, readState} from './state.ts'

/** What undisturbed runs of a pair of commands do. */
interface Reference {
  totals: {up: Totals; down: Totals}
  up: Objects[]
  down: Objects[]
}

/** Flags of runs in which a request gets no response. */
const impatient = ['--request-timeout', '2s']

/** Tries schedules on the clusters of a scenario, one after the other. */
export class Tester {
  readonly #stage: Stage
  readonly #references = new Map<Commands, Reference>()
  /** The objects of others in each cluster. */
  readonly #foreign: ReadonlySet<string>[]
  /** The objects before the first command. */
  readonly #initial: Objects[]

  private constructor(stage: Stage, initial: Objects[], foreign: ReadonlySet<string>[]) {
    this.#stage = stage
    this.#initial = initial
    this.#foreign = foreign
  }

  /** Creates the objects of others. A first undisturbed run shows which labels they can copy. */
  static async prepare(stage: Stage): Promise<Tester> {
    const [{before: first = [], up, down, after = []}] = stage.variants as [Commands]
    const empty = await readState(stage.ground)
    const none = new Tester(stage, empty, [])
    for (const args of [...first, up]) await none.#calm(args)
    const ids = new Set((await readState(stage.ground)).flatMap(objects => setIds(objects, stage.ground.namespace)))
    for (const args of [down, ...after]) await none.#calm(args)
    const before = await readState(stage.ground)
    await plantForeign(stage.ground, stage.namespaces, [...ids], stage.withoutRemotes ? [] : ['handmade', 'forged'])
    const initial = await readState(stage.ground)
    const foreign = initial.map((objects, at) => new Set(Object.keys(objects).filter(key => !(key in before[at]!))))
    return new Tester(stage, initial, foreign)
  }

  /**
   * Tries a schedule. After problems, the clusters may be in any state: use no further schedules.
   *
   * @param log receives the faults that occurred, and the exit codes of the disturbed runs
   * @returns the problems
   */
  async try(schedule: Schedule, log: string[]): Promise<string[]> {
    const {variants} = this.#stage
    const commands = variants[schedule.variant % variants.length]!
    const reference = await this.#reference(commands)
    const problems: string[] = []
    const add = (step: string, found: readonly string[]) => problems.push(...found.map(text => `${step}: ${text}`))

    for (const args of commands.before ?? []) await this.#calm(args)
    add('up with faults', await this.#disturbed('up', commands.up, schedule.up, reference, log))
    if (commands.needsComplete || !schedule.removesPartial) {
      add('up', calmProblems(await this.#run(commands.up), commands.upRemoves && commands.nothingLeft))
      add('after up', await this.#stateProblems(reference.up))
      if (commands.settled) add('settled', calmProblems(await this.#run(commands.settled)))
    }
    add('down with faults', await this.#disturbed('down', commands.down, schedule.down, reference, log))
    add('down', calmProblems(await this.#run(commands.down), commands.nothingLeft))
    for (const args of commands.after ?? []) add('after', calmProblems(await this.#run(args)))
    add('after down', await this.#stateProblems(reference.down))
    await this.#restore()
    return problems
  }

  async #disturbed(
    step: 'up' | 'down',
    args: readonly string[],
    faults: readonly PlannedFault[],
    {totals}: Reference,
    log: string[],
  ): Promise<string[]> {
    const injection = injectFaults(this.#ground, faults, totals[step])
    const hangs = faults.some(({kind}) => kind === 'hang')
    const result = await this.#run([...args, ...(hangs ? impatient : [])], injection)
    this.#ground.reset()
    const {code} = result
    log.push(...injection.occurred.map(fault => `${step}: ${fault}`), `${step}: exit code ${code === -1 ? 137 : code}`)
    return exitProblems(result, injection)
  }

  get #ground(): Ground {
    return this.#stage.ground
  }

  #run(args: readonly string[], injection?: Injection): Promise<ProgramResult> {
    return this.#ground.mesh(args, {env: this.#stage.env ?? {}, ...(injection ? {onStart: injection.onStart} : {})})
  }

  async #calm(args: readonly string[]): Promise<Totals> {
    const injection = injectFaults(this.#ground, [], {request: 0, write: 0})
    const problems = calmProblems(await this.#run(args, injection))
    this.#ground.reset()
    if (problems.length > 0) throw new Error(`kubectl mesh ${args.join(' ')}: ${problems.join('\n')}`)
    return injection.seen
  }

  async #stateProblems(expected: readonly Objects[]): Promise<string[]> {
    const state = await readState(this.#ground)
    return [
      ...differences(expected, this.#comparable(state)),
      ...state.flatMap((objects, at) => [
        ...memberProblems(objects, this.#ground.namespace, this.#foreign[at]!),
        ...foreignProblems(this.#initial[at]!, objects, this.#foreign[at]!),
      ]),
    ]
  }

  #comparable(state: readonly Objects[]): Objects[] {
    return comparableState(state, this.#ground.namespace, this.#foreign)
  }

  async #reference(commands: Commands): Promise<Reference> {
    const known = this.#references.get(commands)
    if (known) return known
    for (const args of commands.before ?? []) await this.#calm(args)
    const totals = {up: await this.#calm(commands.up), down: {request: 0, write: 0}}
    const up = await readState(this.#ground)
    totals.down = await this.#calm(commands.down)
    for (const args of commands.after ?? []) await this.#calm(args)
    const down = await readState(this.#ground)
    const reference = {totals, up: this.#comparable(up), down: this.#comparable(down)}
    const problems = [
      ...up.flatMap((objects, at) => memberProblems(objects, this.#ground.namespace, this.#foreign[at]!)),
      ...differences(this.#comparable(this.#initial), reference.down),
    ]
    if (problems.length > 0) throw new Error(`without faults:\n${problems.join('\n')}`)
    await this.#restore()
    this.#references.set(commands, reference)
    return reference
  }

  /** Deletes what a removal leaves, as documented, so that the next schedule creates it again. */
  async #restore(): Promise<void> {
    const state = await readState(this.#ground)
    const left = state.flatMap((objects, at) =>
      Object.keys(objects)
        .filter(key => !(key in this.#initial[at]!))
        .map(key => this.#ground.clusters[at]!.api.delete(urlOf(key))),
    )
    await Promise.all(left)
  }
}

/** The URL path of an object, from its key `/apis/GROUP/VERSION/RESOURCES NAMESPACE/NAME`. */
function urlOf(key: string): string {
  const [, root, resources, namespace, name] = /^(.*)\/([^/]+) ([^/]*)\/(.*)$/.exec(key)!
  return `${root}${namespace ? `/namespaces/${namespace}` : ''}/${resources}/${name}`
}
