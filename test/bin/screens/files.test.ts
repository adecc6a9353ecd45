import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openScreens, type Screens, sizes} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import {keys, repeatedArguments} from '../../support/pty.ts'

const question = 'Which mesh file or folder?'
const node = {apiVersion: 'v1', kind: 'Node', metadata: {name: 'node-a'}}
const localities = (spec: string) =>
  `apiVersion: kubectl-mesh.io/v1alpha1\nkind: NodeLocalities\nmetadata: {name: a}\nspec: ${spec}\n`

describe('commands that lack a mesh file', {timeout: 120_000}, () => {
  let screens: Screens
  const start = (...args: string[]) => screens.start(args, {size: {columns: 400, rows: 100}})
  beforeEach(async () => {
    screens = await openScreens({east: {objects: [node]}})
    await mkdir(join(screens.folder, 'mesh'))
    await writeFile(join(screens.folder, 'mesh.yaml'), localities('{node: [node-a], region: eu}'))
    await writeFile(join(screens.folder, 'mesh', 'a.yaml'), localities('{context: east, node: [node-a], region: eu}'))
    await writeFile(join(screens.folder, 'bad.yaml'), localities('{nod: [node-a]}'))
  })
  afterEach(() => screens.close())

  it.each(['apply', 'plan', 'diff', 'validate'])('%s proposes those of the working folder', async command => {
    for (const size of sizes) {
      const pty = screens.start([command], {size})
      await pty.sees('another file or folder')
      await expectGolden(`screens/${command}-${size.columns}.txt`, await screens.shown(pty))
      pty.kill()
    }
  })

  it.each([
    ['plan', keys.enter, '-f mesh.yaml --context east', 0],
    ['plan --context east', keys.enter, '-f mesh.yaml', 0],
    ['diff --exit-code', keys.down + keys.enter, '-f mesh/', 1],
    ['validate', keys.enter, '-f bad.yaml', 2],
    ['graph -R', keys.enter, '-f mesh.yaml', 0],
  ])('%s prints the command that makes the same run', async (args, typed, added, code) => {
    const pty = start(...args.split(' '))
    await pty.sees(question)
    pty.type(typed)
    expect(await pty.ended, pty.screen()).toBe(code)
    const printed = repeatedArguments(pty.screen())
    expect(printed, pty.screen()).toBe(`${args} ${added}`)
    const again = await screens.mesh(printed!.split(' '))
    expect(again.code, again.stderr).toBe(code)
  })

  it('apply prints it too, after declining without --yes', async () => {
    const run = async (answer: string) => {
      const pty = start('apply')
      await pty.sees(question)
      pty.type(keys.enter)
      await pty.sees('Apply 1 document to east?')
      pty.type(`${answer}${keys.enter}`)
      const code = await pty.ended
      return {code, printed: repeatedArguments(pty.screen()), screen: pty.screen()}
    }
    const no = await run('n')
    expect(no).toMatchObject({code: 3, printed: 'apply -f mesh.yaml --context east'})
    expect(no.screen).not.toContain('to repeat this run:')
    expect(await run('y')).toMatchObject({code: 0, printed: 'apply -f mesh.yaml --context east --yes'})
    const again = await screens.mesh(['apply', '-f', 'mesh.yaml', '--context', 'east', '--yes'])
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout).toMatch(/NodeLocalities +a +unchanged/)
  })

  it('a path is validated at the question', async () => {
    const pty = start('plan')
    await pty.sees(question)
    pty.type(`${keys.down}${keys.down}${keys.enter}`)
    await pty.sees('Path of the mesh file')
    for (const [text, problem] of [
      ['', 'an empty answer is not a path'],
      ['-', '- cannot be used here'],
      ['none', 'none cannot be used: cannot read none: no such file'],
      ['bad.yaml', 'bad.yaml cannot be used: line 4: spec.nod is not a known key'],
    ] as const) {
      pty.type(`${text}${keys.enter}`)
      await pty.sees(problem)
      pty.type('\x7f'.repeat(text.length))
    }
    pty.type(`mesh${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(0)
    expect(repeatedArguments(pty.screen())).toBe('plan -f mesh')
  })

  it('with CI=true and in a pipe, the missing file is an error', async () => {
    const message = 'error: no mesh file specified\nhint:  -f FILE, -f DIR, or -f - for stdin\n'
    expect(await screens.mesh(['plan'])).toMatchObject({code: 2, stdout: '', stderr: message})
    const pty = screens.start(['plan'], {env: {CI: 'true'}})
    expect(await pty.ended).toBe(2)
    expect(pty.screen()).toBe(message)
  })
})

describe('a file without -f', () => {
  it.each([
    ['plan mesh.yaml', 'unexpected argument mesh.yaml\nhint:  to read mesh files: -f mesh.yaml'],
    ['tenant add shop mesh.yaml', 'unexpected argument mesh.yaml\nhint:  to read mesh files: -f mesh.yaml'],
    ['apply mesh.yaml', 'mesh.yaml is not a plan of .*\nhint:  to apply mesh files: kubectl mesh apply -f mesh.yaml'],
    [
      'apply mesh/',
      'mesh/ is a folder; expected a saved plan\nhint:  to apply mesh files: kubectl mesh apply -f mesh/',
    ],
    ['plan none.yaml', 'unexpected argument none.yaml\nhint:  kubectl mesh plan --help'],
  ])('%s: the hint names -f', async (args, message) => {
    const screens = await openScreens({east: {}})
    await mkdir(join(screens.folder, 'mesh'))
    await writeFile(join(screens.folder, 'mesh.yaml'), localities('{node: [node-a], region: eu}'))
    const {code, stdout, stderr} = await screens.mesh(args.split(' '))
    await screens.close()
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toMatch(new RegExp(`^error: ${message}\n$`))
  })
})
