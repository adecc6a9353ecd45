import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {expectGolden} from '../../support/golden.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, type PtyProcess, startPty} from '../../support/pty.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const sizes = [
  {columns: 100, rows: 30},
  {columns: 60, rows: 24},
]

describe.skipIf(!servers)('the review in a terminal', () => {
  let ground: Ground
  const ptys: PtyProcess[] = []
  afterEach(async () => {
    for (const pty of ptys.splice(0)) pty.kill()
    await ground?.close()
  })

  let grounds = 0
  /** Opens two clusters. The namespace always has the same length, so that lines break at the same words. */
  async function open(): Promise<void> {
    ground = await openGround(servers!, {namespace: `review-${grounds++}-${String(process.pid).padStart(7, '0')}`})
  }

  function start(args: readonly string[], size = sizes[0]!, env: Record<string, string | undefined> = {}): PtyProcess {
    const pty = startPty([...programWords, ...args], {
      cwd: ground.folder,
      env: {...ground.env, HOME: home, NO_COLOR: '1', ...env},
      size,
    })
    ptys.push(pty)
    return pty
  }

  /** What a terminal shows from the review on, without what differs between runs. */
  async function reviewOn(pty: PtyProcess): Promise<string> {
    const shown = await pty.shows()
    return shown.slice(shown.indexOf('\neast  +') + 1).replaceAll(ground.namespace, 'review-N-NNNNNNN')
  }

  /** The network answers the only question that the other flags leave. */
  const join2 = () => ['federate', ...ground.all, '--network', `east=east.${ground.namespace}`]
  const remove = () => ['federate', 'remove', '--contexts', 'west', '--from', 'east', ...ground.flags.slice(0, 2)]

  it.each(sizes)('of federate, on $columns×$rows', async size => {
    await open()
    expect((await ground.mesh(['ca', 'init'], {cwd: ground.folder})).code).toBe(0)
    const pty = start([...join2(), '--ca-dir', 'mesh-ca'], size)
    await pty.sees('[s]ave')
    await expectGolden(`review/federate-${size.columns}.txt`, await reviewOn(pty))
    expect(ground.writes()).toEqual([])
    pty.type(keys.enter)
    expect(await pty.ended).toBe(3)
    expect(ground.writes()).toEqual([])
  })

  it.each(sizes)('of a removal, on $columns×$rows', async size => {
    await open()
    expect((await ground.federate(['--yes'])).code).toBe(0)
    ground.reset()
    const pty = start(remove(), size)
    await pty.sees(/\[s\]ave:/)
    await expectGolden(`review/federate-remove-${size.columns}.txt`, await reviewOn(pty))
    // Only the name confirms.
    pty.type(`y${keys.enter}`)
    expect(await pty.ended).toBe(3)
    expect(pty.screen()).toMatch(/hint: +to repeat this run: kubectl mesh federate remove --contexts west/)
    expect(ground.writes()).toEqual([])
  })

  it('d shows the diff in the pager, s saves it, n prints the command that repeats the run', async () => {
    await open()
    await writeFile(join(ground.folder, 'taken.diff'), 'mine\n')
    const pty = start(join2(), sizes[0], {KUBECTL_MESH_PAGER: "sed 's/^/paged: /'"})
    await pty.sees('[s]ave')
    pty.type(`x${keys.enter}`)
    await pty.sees('is not y, n, d or s')
    pty.type(`\x7fd${keys.enter}`)
    await pty.sees(/^paged: # \+ east\/v1\/Service\/\S+ {3}\(new, \d+ lines\)$/m)
    await pty.sees(/^paged: --- live\/west\/v1\/Namespace\//m)
    await pty.sees(/\d+ objects are shown on one line each; --no-summary shows the full text/)
    await pty.sees(/Apply this to east, west\? /)

    const saveTo = async (path: string, expected: RegExp) => {
      pty.type(`s${keys.enter}`)
      await pty.sees('Folder for the manifests')
      pty.type(`${path}${keys.enter}`)
      await pty.sees(expected)
      await pty.sees(/Apply this to east, west\? /)
    }
    await saveTo('taken.diff', /warning: taken\.diff exists and is not overwritten/)
    await saveTo('none/x.diff', /warning: none: no such file or folder\s+hint: +check the folder: ls -la \.\s/)
    await saveTo('new.diff', /saved: new\.diff/)
    await saveTo(
      'fleet',
      /saved: fleet \(2 clusters, \d+ files\)\. Omitted: \d+ Secrets?\. Omitted: \d+ objects? that only this\s+run can/,
    )
    expect(pty.screen()).not.toMatch(/--include-secrets|--dry-run|\.part-/)
    expect(await readFile(join(ground.folder, 'taken.diff'), 'utf8')).toBe('mine\n')
    expect(await readFile(join(ground.folder, 'new.diff'), 'utf8')).toMatch(
      /^# east: \d+ to create[\s\S]*\n\+kind: Service\n/,
    )
    expect(await readdir(join(ground.folder, 'fleet'))).toEqual(['east', 'west'])
    // Files of others are not overwritten.
    await mkdir(join(ground.folder, 'theirs', 'east'), {recursive: true})
    await writeFile(join(ground.folder, 'theirs', 'east', 'kustomization.yaml'), 'mine\n')
    await saveTo('theirs', /warning: theirs\/east\/kustomization\.yaml was not written by kubectl mesh/)

    pty.type(`n${keys.enter}`)
    expect(await pty.ended).toBe(3)
    expect(ground.writes()).toEqual([])
    const command = /to repeat this run: kubectl mesh (.*?)\n/.exec(pty.screen())![1]!
    const repeated = await ground.mesh([...command.split(' '), '--yes'], {cwd: ground.folder})
    expect(repeated.code, repeated.stderr).toBe(0)
    expect(ground.writes().length).toBeGreaterThan(20)
  })

  it('less shows a long diff and returns to the question; Ctrl-C there ends the run with 130', async () => {
    await open()
    const pty = start(join2(), sizes[1], {KUBECTL_MESH_PAGER: undefined, PAGER: undefined, LESS: undefined})
    await pty.sees('[s]ave')
    pty.type(`d${keys.enter}`)
    await pty.sees(/^# east: 13 to create, 1 to change\s/m)
    // less draws its screen, and redraws it after Ctrl-C; a key that is typed before is lost.
    await pty.shows()
    pty.type(keys.ctrlC)
    await pty.sees(':')
    await pty.shows()
    pty.type('q')
    await pty.sees('[s]ave')
    pty.type(keys.ctrlC)
    expect(await pty.ended).toBe(130)
    expect(ground.writes()).toEqual([])
  })

  it('after applying, the next steps', async () => {
    await open()
    const pty = start([...join2()])
    await pty.sees('[s]ave')
    pty.type(`y${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(0)
    const verify = /^Next:\n {2}kubectl mesh (federate verify .*)\n/m.exec(pty.screen())?.[1]
    const network = `--network east=east.${ground.namespace}`
    expect(verify).toBe(`federate verify --contexts east,west ${network} --system-namespace ${ground.namespace}`)
  })

  it.each([{CI: 'true'}, {TERM: 'dumb'}])('%j: no prompts and no cursor control', async env => {
    await open()
    const pty = start(join2(), sizes[0], env)
    expect(await pty.ended).toBe(2)
    expect(pty.screen()).toMatch(/error: changes need confirmation/)
    expect(pty.bytes()).not.toContain('\u001b')
    const applied = start([...join2(), '--yes'], sizes[0], env)
    expect(await applied.ended, applied.screen()).toBe(0)
    expect(applied.bytes()).not.toContain('\u001b')
  })

  it('in the POSIX locale: only ASCII, also in prompts', async () => {
    await open()
    const pty = start(join2(), sizes[0], {LC_ALL: 'C'})
    await pty.sees('[s]ave')
    pty.type(`y${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(0)
    const verify = start(['federate', 'verify', '--contexts', 'east,west', ...ground.flags.slice(0, 2)], sizes[0], {
      LC_ALL: 'C',
    })
    await verify.ended
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII
    for (const {bytes} of [pty, verify]) expect(bytes()).toMatch(/^[\u0000-\u007f]*$/)
    expect(verify.screen()).toMatch(/^ {4}\+ API server is reachable$/m)
  })

  it('a dry run on a terminal shows new objects on one line; | head -1 ends it without an error', async () => {
    await open()
    const args = [...join2(), '--dry-run=server']
    const env = {KUBECTL_MESH_PAGER: 'cat'}
    const wide = {columns: 160, rows: 60}
    const shown = start(args, wide, env)
    expect(await shown.ended).toBe(0)
    expect(shown.screen()).toMatch(/^# \+ east\/v1\/Service\/\S+ {3}\(new, \d+ lines\)$/m)
    expect(shown.screen()).not.toMatch(/^\+kind: Service$/m)
    const full = start([...args, '--no-summary'], wide, env)
    expect(await full.ended).toBe(0)
    expect(full.screen()).toMatch(/^\+kind: Service$/m)
    const script = `"$@" | head -1; echo "exit \${PIPESTATUS[0]}"`
    const piped = startPty(['bash', '-c', script, 'bash', ...programWords, ...args, '--no-summary'], {
      env: {...ground.env, HOME: home, NO_COLOR: '1'},
    })
    ptys.push(piped)
    expect(await piped.ended).toBe(0)
    expect(piped.screen()).toMatch(/^# east: .*\nexit 0\n$/m)
    // Without a terminal, new objects have their text.
    expect((await ground.mesh(args)).stdout).toMatch(/^\+kind: Service$/m)
    expect((await ground.mesh([...args, '--summary'])).stdout).not.toMatch(/^[-+@ ]/m)
  })

  it('a dry run uses the program of KUBECTL_EXTERNAL_DIFF, and follows its exit code', async () => {
    await open()
    const args = ['--dry-run=server', '--exit-code']
    const shown = await ground.federate(args, {env: {KUBECTL_EXTERNAL_DIFF: 'diff -u -N'}})
    expect(shown.code, shown.stderr).toBe(1)
    expect(shown.stdout).toMatch(/^\+\+\+ \S+\/MERGED\/east\.v1\.Namespace\.\.\S+/m)
    expect(shown.stdout).not.toContain('# east')
    const failed = await ground.federate(args, {env: {KUBECTL_EXTERNAL_DIFF: 'false'}})
    expect(failed.code).toBe(1)
    const missing = await ground.federate(args, {env: {KUBECTL_EXTERNAL_DIFF: '/does/not/exist'}})
    expect(missing).toMatchObject({code: 3, stderr: expect.stringContaining('no executable file with this name')})
    expect(ground.writes()).toEqual([])
  })
})
