import type {RunningServers} from '../support/servers/servers.ts'
import type {Scenario} from './scenario.ts'
import {formatSchedule, scheduleOf} from './schedule.ts'
import {Tester} from './tester.ts'

/** Tries schedules of one scenario. Its clusters are used for all of them, and replaced after a failure. */
export class ScenarioRunner {
  readonly scenario: Scenario
  readonly #servers: Pick<RunningServers, 'kubeconfig' | 'contexts'>
  #open: {tester: Tester; close: () => Promise<void>} | undefined

  /** @param servers API servers that nothing else writes to meanwhile */
  constructor(servers: Pick<RunningServers, 'kubeconfig' | 'contexts'>, scenario: Scenario) {
    this.#servers = servers
    this.scenario = scenario
  }

  /**
   * Tries the schedule of a seed.
   *
   * @returns undefined if all is as expected; otherwise the problems, the schedule, and the command that repeats it
   */
  async try(seed: number): Promise<string | undefined> {
    const log: string[] = []
    const problems = await this.#problems(seed, log)
    if (problems.length === 0) return undefined
    await this.close()
    return [
      `✘ ${this.scenario.name}, seed ${seed}`,
      `schedule: ${formatSchedule(scheduleOf(seed))}`,
      ...log.map(line => `  ${line}`),
      ...problems,
      `repeat: npm run faults -- --only ${this.scenario.name} --seed ${seed} --count 1`,
    ].join('\n')
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.close()
  }

  async #problems(seed: number, log: string[]): Promise<string[]> {
    try {
      this.#open ??= await this.#start()
      return await this.#open.tester.try(scheduleOf(seed), log)
    } catch (error) {
      return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
    }
  }

  async #start() {
    const stage = await this.scenario.open(this.#servers)
    return {tester: await Tester.prepare(stage), close: stage.close}
  }
}
