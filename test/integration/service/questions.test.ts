import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {sizes} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import type {Ground} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, type PtyProcess, repeatedArguments, startPty, wrapped} from '../../support/pty.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, importsOf, openGateways} from './support.ts'

const servers = sharedServers()
/** They are part of golden files, and belong to this file only. */
const [system, sample] = ['asked-mesh', 'asked-shop']
const place = `--contexts east --to west --system-namespace ${system}`

describe.skipIf(!servers)('the questions about services', {timeout: 240_000}, () => {
  let ground: Ground
  const ptys: PtyProcess[] = []
  beforeAll(async () => {
    ground = await openGateways(servers!, [], {namespace: system})
    for (const {api} of ground.clusters) await deployHello(api, sample)
  })
  afterEach(() => {
    for (const pty of ptys.splice(0)) pty.kill()
  })
  afterAll(() => ground?.close())

  /** Starts a command, and answers its questions except the last one. */
  async function ask(
    args: string,
    steps: readonly [question: string, keys: string][],
    size = {rows: 60, columns: 300},
  ) {
    const pty = startPty([...programWords, ...args.split(' ')], {
      ...{cwd: ground.folder, env: {...ground.env, HOME: home, NO_COLOR: '1'}},
      size,
    })
    ptys.push(pty)
    for (const [at, [question, typed]] of steps.entries()) {
      await pty.sees(wrapped(question))
      if (at < steps.length - 1) pty.type(typed)
    }
    return pty
  }

  const cases: {args: string; steps: [string, string][]; added: string; left: string[]}[] = [
    {
      args: `service export ${place} -n ${sample}`,
      steps: [
        [`Which Service of namespace ${sample} should other clusters use?`, keys.enter],
        [`Export hello.${sample}.global to west?`, `n${keys.enter}`],
      ],
      added: 'hello',
      left: [`entry hello.${sample}.global`, `rule hello.${sample}.global`],
    },
    {
      args: `service unexport ${place}`,
      steps: [
        ['Which service should no longer be exported?', keys.enter],
        [`Stop importing hello.${sample}.global from east in west?`, `n${keys.enter}`],
      ],
      added: `hello --namespace ${sample}`,
      left: [],
    },
  ]

  describe.each(cases)('$args', ({args, steps, added, left}) => {
    it.each(sizes)('on $columns×$rows', async size => {
      const pty = await ask(args, steps, size)
      await expectGolden(
        `screens/${args.split(' ').slice(0, 2).join('-')}-gateways-${size.columns}.txt`,
        await pty.shows(),
      )
    })

    it('offers what the cluster has, and after "no" prints the command that makes the same run', async () => {
      ground.reset()
      const pty = await ask(args, steps)
      pty.type(steps.at(-1)![1])
      expect(await pty.ended, pty.screen()).toBe(3)
      expect(ground.writes()).toEqual([])
      const printed = repeatedArguments(pty.screen())
      expect(printed, pty.screen()).toBe(`${args} ${added}`)
      const {code, stderr} = await ground.mesh([...printed!.split(' '), '--yes'])
      expect(code, stderr).toBe(0)
      expect(Object.keys(await importsOf(ground.cluster('west').api, system))).toEqual(left)
    })
  })
})
