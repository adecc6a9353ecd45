/** Tries the schedules that `run.ts` sends, on its own API servers. */
import {startServers} from '../support/servers/servers.ts'
import {ScenarioRunner} from './run-scenario.ts'
import {scenarios} from './scenarios/index.ts'

/** One schedule of a scenario. */
export interface Task {
  scenario: string
  seed: number
}

/** Sent when the worker is ready for its first or next task. `failure` describes the problems of the last one. */
export interface Ready {
  failure?: string | undefined
}

const servers = await startServers(['east', 'west'])
let runner: ScenarioRunner | undefined

process.on('message', async ({scenario: name, seed}: Task) => {
  if (runner?.scenario.name !== name) {
    await runner?.close()
    runner = new ScenarioRunner(servers, scenarios.find(scenario => scenario.name === name)!)
  }
  process.send!({failure: await runner.try(seed)} satisfies Ready)
})
process.once('disconnect', async () => {
  await runner?.close()
  await servers.stop()
  process.exit(0)
})
process.send!({} satisfies Ready)
