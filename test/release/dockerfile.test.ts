import {execFileSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, inject, onTestFinished, test} from 'vitest'
import {archiveName, platforms, thisPlatform} from '../../scripts/release/platforms.ts'
import {run} from '../support/run.ts'
import {emptyRoot} from './root.ts'

const release = inject('release')

/** The instructions of the Dockerfile, in which `TARGETARCH` has a value. */
function instructions(arch: string): (readonly [name: string, rest: string])[] {
  const text = readFileSync(join(release!.folder, 'Dockerfile'), 'utf8').replaceAll(/\$\{TARGETARCH\}/g, arch)
  const code = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return code.map(line => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)] as const)
}

/** What follows an instruction that must be there once. */
function only(all: ReturnType<typeof instructions>, name: string): string {
  const found = all.filter(([instruction]) => instruction === name)
  expect(found, name).toHaveLength(1)
  return found[0]![1]
}

// There are no containers here: the test follows each instruction.
describe.skipIf(!release)('the Dockerfile', () => {
  test('has the instructions that this test knows, in the order in which they work', () => {
    const names = instructions('amd64').map(([name]) => name)
    expect(names).toEqual(['ARG', 'FROM', 'ARG', 'ADD', 'RUN', 'USER', 'ENTRYPOINT'])
  })

  test('adds the archive of each processor that has an executable for Linux', () => {
    const linux = platforms.filter(({os}) => os === 'linux')
    const added = linux.map(({arch}) => only(instructions(arch), 'ADD').split(' ')[0])
    expect(added).toEqual(linux.map(archiveName))
    expect(existsSync(join(release!.folder, archiveName(thisPlatform!)))).toBe(true)
  })

  test.skipIf(process.getuid?.() !== 0)(
    'its entry point runs as its user, where its archive and its link are',
    async () => {
      const all = instructions(thisPlatform!.arch)
      const root = emptyRoot(join(release!.unpacked, 'kubectl-mesh'))
      onTestFinished(root.remove)
      chmodSync(root.folder, 0o755)
      const [archive, into] = only(all, 'ADD').split(' ')
      mkdirSync(join(root.folder, into!), {recursive: true})
      execFileSync('tar', ['-xzf', join(release!.folder, archive!), '-C', join(root.folder, into!)])
      const [, target, link] = /^ln -s (\S+) (\S+)$/.exec(only(all, 'RUN'))!
      mkdirSync(dirname(join(root.folder, link!)), {recursive: true})
      symlinkSync(target!, join(root.folder, link!))
      const entry: string[] = JSON.parse(only(all, 'ENTRYPOINT'))
      const path = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'
      const words = ['env', '-i', path, 'chroot', `--userspec=${only(all, 'USER')}`, root.folder, ...entry, 'version']
      const {code, stdout} = await run(words)
      expect({code, stdout}).toEqual({code: 0, stdout: expect.stringContaining('Client Version:')})
    },
  )
})
