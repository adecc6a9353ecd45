import {afterEach, describe, expect, it} from 'vitest'
import {openScreens, type Screens} from '../../support/fake/screens.ts'
import {keys} from '../../support/pty.ts'

const service = {
  ...{apiVersion: 'v1', kind: 'Service', metadata: {name: 'shop', namespace: 'default'}},
  spec: {ports: [{name: 'http', port: 80}]},
}
const namespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'default'}}

/** The arguments, the questions with the keys that answer them, and the words that the printed line adds. */
const cases: [args: string, steps: [question: string, keys: string][], added: string][] = [
  ['federate verify', [['Which clusters are in the mesh?', ' \u001b[B \r']], '--contexts east,west --yes'],
  [
    'federate remove',
    [
      ['Which clusters should leave the mesh?', `west${keys.space}${keys.enter}`],
      ['Which clusters stay', keys.space + keys.enter],
    ],
    '--contexts west --from east --yes',
  ],
  [
    'service export --contexts east --to west',
    [['Which Service of namespace default should other clusters use?', keys.enter]],
    'shop --yes',
  ],
  [
    'ingress deploy',
    [
      ['Name of the gateway', keys.enter],
      ['In which namespace?', keys.enter],
      ['How do clients reach it?', keys.down + keys.enter],
    ],
    'istio-ingressgateway --namespace default --service-type NodePort --yes',
  ],
]

describe('commands that lack input', {timeout: 240_000}, () => {
  let screens: Screens
  afterEach(() => screens?.close())

  it.each(cases)('%s asks for it, and prints the command that makes the same run', async (args, steps, added) => {
    screens = await openScreens({east: {objects: [service, namespace]}, west: {}})
    const pty = screens.start(args.split(' '), {size: {columns: 400, rows: 100}})
    for (const [question, typed] of steps) {
      await pty.sees(question)
      pty.type(typed)
    }
    const code = await pty.ended
    const printed = /Next time without questions:\n +kubectl mesh (.*)\n/.exec(pty.screen())?.[1]
    expect(printed, pty.screen()).toBe(`${args} ${added}`)
    const again = await screens.mesh(printed!.split(' '))
    expect(again.code, again.stderr).toBe(code)
    const errors = again.stderr.split('\n').filter(line => line.startsWith('error:'))
    for (const line of errors) expect(pty.screen()).toContain(line)
  })

  it('ca issue rejects a name that is not valid', async () => {
    screens = await openScreens({east: {}})
    expect((await screens.mesh(['ca', 'init'])).code).toBe(0)
    const pty = screens.start(['ca', 'issue'])
    await pty.sees('For which clusters?')
    pty.type(`east,Not${keys.enter}`)
    await pty.sees('contains Not, which')
    pty.type(`\x7f\x7f\x7fwest${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(0)
    expect(pty.screen()).toContain('kubectl mesh ca issue --cluster east,west')
  })
})
