import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {ecKey, makeCertificate} from '../../pki/support.ts'
import {openScreens, type Screens, sizes} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import {keys, repeatedArguments, wrapped} from '../../support/pty.ts'

const service = {
  ...{apiVersion: 'v1', kind: 'Service', metadata: {name: 'shop', namespace: 'default'}},
  spec: {ports: [{name: 'http', port: 80}]},
}
/** The Service of the API server, which every cluster has. It is not offered. */
const apiServer = {
  ...{apiVersion: 'v1', kind: 'Service', metadata: {name: 'kubernetes', namespace: 'default'}},
  spec: {ports: [{name: 'https', port: 443}]},
}
const namespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'default'}}

const both = keys.space + keys.down + keys.space + keys.enter

/** The arguments, the questions with the keys that answer them, and the words that the printed line adds. */
const cases: [args: string, steps: [question: string, keys: string][], added: string][] = [
  ['federate verify', [['Which clusters are in the mesh?', both]], '--contexts east,west --yes'],
  ['federate rotate --dry-run=server', [['Which clusters are in the mesh?', both]], '--contexts east,west --yes'],
  ['addon connect kiali', [['Which clusters are in the mesh?', both]], '--contexts east,west'],
  ['addon disconnect kiali', [['Which clusters are in the mesh?', both]], '--contexts east,west'],
  ['ca renew', [['Which clusters are in the mesh?', both]], '--contexts east,west'],
  ['ca rotate', [['Which clusters are in the mesh?', both]], '--contexts east,west'],
  ['ca request', [['For which clusters?', `east${keys.enter}`]], '--cluster east'],
  [
    'federate remove',
    [
      ['Which clusters should leave the mesh?', `west${keys.space}${keys.enter}`],
      ['Which clusters stay', keys.space + keys.enter],
    ],
    '--contexts west --from east',
  ],
  [
    'service export --contexts east --to west',
    [['Which Service of namespace default should other clusters use?', keys.enter]],
    'shop',
  ],
  [
    'ingress deploy',
    [
      ['Name of the gateway', keys.enter],
      ['In which namespace?', keys.enter],
      ['How do clients reach it?', keys.down + keys.enter],
    ],
    'istio-ingressgateway --namespace default --service-type NodePort --context east',
  ],
]

/** Without `--to`. */
const importerCases: typeof cases = [
  [
    'service export',
    [
      ['Which Service of namespace default should other clusters use?', keys.enter],
      ['Which clusters should import the services?', keys.space + keys.enter],
    ],
    'shop --to west',
  ],
  [
    'service unexport shop',
    [['Which clusters should stop importing the service?', keys.space + keys.enter]],
    '--to west --yes',
  ],
]

describe('commands that lack input', {timeout: 240_000}, () => {
  let screens: Screens
  afterEach(() => screens?.close())

  // That of `ingress deploy` is one of integration/questions.
  it.each(cases.filter(([args]) => args !== 'ingress deploy'))(
    '%s: its last question, on 100×30 and 60×24',
    async (args, steps) => {
      screens = await openScreens({east: {objects: [service, namespace]}, west: {}})
      const name = args.replace(/ (?:--.*|kiali)/, '').replaceAll(' ', '-')
      for (const size of sizes) {
        const pty = screens.start(args.split(' '), {size})
        for (const [at, [question, typed]] of steps.entries()) {
          await pty.sees(wrapped(question))
          if (at < steps.length - 1) pty.type(typed)
        }
        await expectGolden(`screens/${name}-${size.columns}.txt`, await screens.shown(pty))
      }
    },
  )

  it.each([...cases, ...importerCases])(
    '%s asks for it, and prints the command that makes the same run',
    async (args, steps, added) => {
      screens = await openScreens({east: {objects: [apiServer, service, namespace]}, west: {}})
      const pty = screens.start(args.split(' '), {size: {columns: 400, rows: 100}})
      for (const [question, typed] of steps) {
        await pty.sees(question)
        pty.type(typed)
      }
      const code = await pty.ended
      const printed = repeatedArguments(pty.screen())
      expect(printed, pty.screen()).toBe(`${args} ${added}`)
      const again = await screens.mesh(printed!.split(' '))
      expect(again.code, again.stderr).toBe(code)
      const errors = again.stderr.split('\n').filter(line => line.startsWith('error:'))
      for (const line of errors) expect(pty.screen()).toContain(line)
    },
  )

  it('service export asks for the namespace if that of the context has no Service', async () => {
    const elsewhere = {...service, metadata: {name: 'cart', namespace: 'sales'}}
    screens = await openScreens({east: {objects: [apiServer, elsewhere, namespace]}, west: {}})
    const pty = screens.start(['service', 'export', '--to', 'west'])
    await pty.sees('In which namespace is the Service?')
    pty.type(keys.enter)
    await pty.sees('Which Service of namespace sales')
    pty.type(keys.enter)
    await pty.ended
    expect(pty.screen()).toContain('service export --to west cart --namespace sales')
    expect(pty.screen()).not.toContain('❯ kubernetes')
  })

  it('Ctrl-C at a question reports that nothing was changed', async () => {
    const node = {apiVersion: 'v1', kind: 'Node', metadata: {name: 'node-a'}}
    screens = await openScreens({east: {objects: [namespace, node]}})
    const pty = screens.start(['locality', 'label', 'node-a', '--region', 'eu'])
    await pty.sees('Label 1 node of east?')
    pty.type(keys.ctrlC)
    expect(await pty.ended, pty.screen()).toBe(130)
    expect(pty.screen()).toMatch(
      /^error: interrupted: nothing was changed\nhint: {2}to repeat this run: kubectl mesh locality label node-a --region eu/m,
    )
    const early = screens.start(['ingress', 'deploy'])
    await early.sees('Name of the gateway')
    early.type(keys.ctrlC)
    expect(await early.ended, early.screen()).toBe(130)
    expect(early.screen()).toMatch(/^error: interrupted: nothing was changed$/m)
    for (const {screen} of [pty, early]) expect(screen().match(/^error:/gm)).toHaveLength(1)
  })

  it('ca issue rejects a name that is not valid', async () => {
    screens = await openScreens({east: {}})
    expect((await screens.mesh(['ca', 'init'])).code).toBe(0)
    for (const size of sizes) {
      const shown = screens.start(['ca', 'issue'], {size})
      await shown.sees(wrapped('separated by commas)'))
      await expectGolden(`screens/ca-issue-${size.columns}.txt`, await screens.shown(shown))
    }
    const pty = screens.start(['ca', 'issue'])
    await pty.sees('For which clusters?')
    pty.type(`east,Not${keys.enter}`)
    await pty.sees('contains Not, which')
    pty.type(`\x7f\x7f\x7fwest${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(0)
    expect(pty.screen()).toContain('kubectl mesh ca issue --cluster east,west')
  })

  it('ca import asks for the certificate of each request, and rejects a file without one', async () => {
    screens = await openScreens({east: {}})
    expect((await screens.mesh(['ca', 'request', '--cluster', 'east,west'])).code).toBe(0)
    const key = ecKey()
    await writeFile(join(screens.folder, 'key.pem'), key)
    await writeFile(join(screens.folder, 'west.pem'), makeCertificate({key, subject: '/CN=west', extensions: []}))
    const question = 'signed certificate of east (PEM)? Empty to skip it:'
    for (const size of sizes) {
      const shown = screens.start(['ca', 'import'], {size})
      await shown.sees(wrapped(question))
      await expectGolden(`screens/ca-import-${size.columns}.txt`, await screens.shown(shown))
    }
    const pty = screens.start(['ca', 'import'], {size: {columns: 400, rows: 100}})
    await pty.sees(question)
    pty.type(keys.enter)
    await pty.sees('signed certificate of west')
    pty.type(`key.pem${keys.enter}`)
    await pty.sees('key.pem cannot be used')
    pty.type(`${'\x7f'.repeat(7)}none${keys.enter}`)
    await pty.sees('none cannot be used: no such file')
    pty.type(`\x7f\x7f\x7f\x7fwest.pem${keys.enter}`)
    // It is not the certificate of the request.
    const code = await pty.ended
    expect(code, pty.screen()).not.toBe(0)
    const printed = repeatedArguments(pty.screen())
    expect(printed, pty.screen()).toBe('ca import --cluster west=west.pem')
    expect((await screens.mesh(printed!.split(' '))).code).toBe(code)
  })
})
