import type {TestProject} from 'vitest/node'
import {buildFluxBeside, buildLab, orSkip} from './binaries.ts'
import {whyNoDataPlane} from './lab/lab.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** What `startLab` supports on this machine. Skip tests for which it is false. With `CI=true`, the setup fails instead. */
    lab: {clusters: boolean; dataplane: boolean}
  }
}

/**
 * Vitest's `globalSetup` of the projects `e2e` and `e2e-old`: builds the lab before the timeouts of the tests start. Flux, which one
 * file of `e2e` needs, is built beside the tests.
 */
export default async function setup(project: TestProject): Promise<(() => void) | undefined> {
  const built = await orSkip('tests against real clusters', () => buildLab('all'))
  const dataplane = await orSkip('tests with real traffic', async () => {
    const why = await whyNoDataPlane()
    if (why) throw new Error(why)
    return true
  })
  project.provide('lab', {clusters: built !== undefined, dataplane: built !== undefined && dataplane === true})
  return built !== undefined && project.name === 'e2e' ? buildFluxBeside() : undefined
}
