import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, type PtyProcess, startPty} from '../../support/pty.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, importsOf, openGateways} from './support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('the questions of service export and unexport', {timeout: 120_000}, () => {
  let ground: Ground
  let sample: string
  let pty: PtyProcess | undefined

  beforeAll(async () => {
    ground = await openGateways(servers!)
    sample = `${ground.namespace}-s`
    await deployHello(ground.cluster('east').api, sample)
  })
  afterEach(() => {
    pty?.kill()
    pty = undefined
  })
  afterAll(() => ground?.close())

  /** Answers the questions in a terminal whose current context is east. */
  async function answer(words: string[], steps: [question: RegExp, typed: string][]): Promise<string> {
    pty = startPty([...programWords, 'service', ...words, '--system-namespace', ground.namespace], {
      cwd: ground.folder,
      env: {...ground.env, HOME: home, NO_COLOR: '1'},
      size: {columns: 300, rows: 60},
    })
    for (const [question, typed] of steps) {
      await pty.sees(question)
      pty.type(typed)
    }
    expect(await pty.ended, pty.screen()).toBe(0)
    return pty.screen()
  }

  it('both ask for the Service and for the importing clusters', async () => {
    const west = ground.cluster('west').api
    const host = `hello.${sample}.global`
    const exported = await answer(
      ['export', '-n', sample],
      [
        [/Which Service of namespace/, keys.enter],
        [/Which clusters should import the services\?[\s\S]*west/, `west${keys.space}${keys.enter}`],
        [/Export .* to west\?/, `y${keys.enter}`],
      ],
    )
    expect(exported).toMatch(/service export .* hello --to west --yes/)
    expect(Object.keys(await importsOf(west, ground.namespace))).toContain(`entry ${host}`)
    const withdrawn = await answer(
      ['unexport', '-n', sample],
      [
        [/Which clusters should stop importing the service\?[\s\S]*west/, `west${keys.space}${keys.enter}`],
        [/Which service should no longer be exported\?/, keys.enter],
        [/Type .* to continue|\?/, `y${keys.enter}`],
      ],
    )
    expect(withdrawn).toMatch(/service unexport .* hello --to west --yes/)
    expect(await importsOf(west, ground.namespace)).toEqual({})
  })
})
