import {spawnSync} from 'node:child_process'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {initCa} from '../../../src/mesh/ca/create-root.ts'
import {caData} from '../../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../../src/pki/check-cacerts.ts'
import {createRootFolder} from '../../../src/pki/folder/create.ts'
import {issueToFolder} from '../../../src/pki/folder/issue-cluster.ts'
import {readFolder} from '../../../src/pki/folder/read.ts'
import {openTerminal} from '../../../src/terminal/output/terminal.ts'
import {leftovers, prepare, request, root, rootFolder} from '../../pki/folder/support.ts'
import {tempFolder} from '../../pki/support.ts'

prepare()

const quiet = {...openTerminal({noInput: true}), message: () => undefined}

describe('if a run is killed before any change of the file system, the next run completes', () => {
  const worker = join(import.meta.dirname, 'folder-worker.ts')
  /** Whether it was killed. */
  const run = (dieAt: number, ...args: string[]): boolean => {
    const preload = join(import.meta.dirname, 'die-at.ts')
    const done = spawnSync(process.execPath, ['--import', preload, worker, ...args], {
      env: {...process.env, DIE_AT: String(dieAt)},
      encoding: 'utf8',
    })
    if (done.signal !== 'SIGKILL' && done.status !== 0) throw new Error(done.stderr)
    return done.signal === 'SIGKILL'
  }
  const killEach = async (setUp: () => Promise<string[]>, check: (args: string[]) => Promise<void>) => {
    for (let at = 1; ; at++) {
      const args = await setUp()
      if (!run(at, ...args)) return at - 1
      await check(args)
    }
  }

  test('init', async () => {
    const kills = await killEach(
      async () => {
        const parent = tempFolder()
        writeFileSync(join(parent, 'c'), root.certificate)
        writeFileSync(join(parent, 'k'), root.key)
        return ['init', join(parent, 'ca'), join(parent, 'c'), join(parent, 'k')]
      },
      async ([, dir = '']) => {
        // The root is complete or absent.
        if (!existsSync(dir)) await createRootFolder(dir, root)
        expect((await readFolder(dir)).root).toEqual({certificate: root.certificate, hasKey: true})
        if (existsSync(dir)) await expect(createRootFolder(dir, root)).rejects.toMatchObject({exit: 3})
        expect(leftovers(join(dir, '..'))).toEqual([])
      },
    )
    expect(kills).toBeGreaterThanOrEqual(5)
  })

  test('init in an existing folder, which cannot be replaced by renaming', async () => {
    const kills = await killEach(
      async () => ['init-existing', tempFolder()],
      async ([, dir = '']) => {
        const isComplete = existsSync(join(dir, 'root-cert.pem')) && existsSync(join(dir, 'root-key.pem'))
        const again = initCa({dir, keyType: 'ecdsa-p256'}, quiet)
        await (isComplete ? expect(again).rejects.toMatchObject({exit: 3}) : again)
        const {root: stored} = await readFolder(dir)
        expect(stored.hasKey).toBe(true)
        expect(leftovers(dir)).toEqual([])
        await issueToFolder(dir, 'east', request)
        expect(checkCacerts(caData((await readFolder(dir)).clusters.east!), new Date())).toEqual([])
      },
    )
    expect(kills).toBeGreaterThanOrEqual(7)
  })

  test('issue', async () => {
    const kills = await killEach(
      async () => ['issue', await rootFolder()],
      async ([, dir = '']) => {
        if (!('east' in (await readFolder(dir)).clusters)) await issueToFolder(dir, 'east', request)
        else await expect(issueToFolder(dir, 'east', request)).rejects.toMatchObject({exit: 3})
        const {east} = (await readFolder(dir)).clusters
        expect(checkCacerts(caData(east!), new Date())).toEqual([])
        expect(leftovers(dir)).toEqual([])
      },
    )
    expect(kills).toBeGreaterThanOrEqual(6)
  })

  test('renew', async () => {
    const kills = await killEach(
      async () => {
        const dir = await rootFolder()
        await issueToFolder(dir, 'east', request)
        return ['renew', dir]
      },
      async ([, dir = '']) => {
        // The folder contains the old CA, the new CA or none, but never a mixture.
        const {east} = (await readFolder(dir)).clusters
        if (east) expect(checkCacerts(caData(east), new Date())).toEqual([])
        await issueToFolder(dir, 'east', {...request, renew: true})
        expect(Object.keys((await readFolder(dir)).clusters)).toEqual(['east'])
        expect(leftovers(dir)).toEqual([])
      },
    )
    expect(kills).toBeGreaterThanOrEqual(9)
  })
})
