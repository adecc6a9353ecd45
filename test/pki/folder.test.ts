import {spawnSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {MeshError} from '../../src/errors.ts'
import {caData, caFiles} from '../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../src/pki/cacerts.ts'
import {createRootFolder, issueToFolder, readFolder} from '../../src/pki/folder.ts'
import {issueRoot} from '../../src/pki/issue.ts'
import {authorityPem, ecKey, makeCertificate, openssl, tempFolder} from './support.ts'

// keys of 4096 bits and openssl take their time on a busy machine
vi.setConfig({testTimeout: 60_000})

const systemNamespace = 'istio-system'
const request = {systemNamespace}
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

let root: {certificate: string; key: string}
/** Widest that new files could get: modes must not hang on it. */
let umask: number
beforeAll(async () => {
  umask = process.umask(0)
  root = await issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 3650})
})
afterAll(() => process.umask(umask))

async function rootFolder(): Promise<string> {
  const dir = join(tempFolder(), 'mesh ca')
  await createRootFolder(dir, root)
  return dir
}

/** Everything in a folder, by path, with mode and content. */
function snapshot(dir: string): Record<string, string> {
  const paths = readdirSync(dir, {recursive: true, withFileTypes: true}).map(entry =>
    join(entry.parentPath, entry.name),
  )
  return Object.fromEntries(
    paths.map(path => [path, statSync(path).isFile() ? `${modeOf(path)} ${readFileSync(path, 'utf8')}` : modeOf(path)]),
  )
}

/** What is left of half-made folders. */
const leftovers = (dir: string) => Object.keys(snapshot(dir)).filter(path => path.includes('.part-'))

describe('a root', () => {
  test('in a new folder, below folders that are not there yet', async () => {
    const parent = tempFolder()
    const dir = join(parent, 'a', 'b')
    await createRootFolder(dir, root)
    expect(readdirSync(dir).sort()).toEqual(['root-cert.pem', 'root-key.pem'])
    expect([modeOf(dir), modeOf(join(dir, 'root-key.pem')), modeOf(join(dir, 'root-cert.pem'))]).toEqual([
      '700',
      '600',
      '644',
    ])
    expect(leftovers(parent)).toEqual([])
    expect(await readFolder(dir)).toEqual({
      root: {certificate: root.certificate, hasKey: true},
      clusters: {},
      warnings: [],
    })
  })

  test('in an empty folder that others could read', async () => {
    const dir = tempFolder()
    chmodSync(dir, 0o755)
    await createRootFolder(dir, root)
    expect([modeOf(dir), modeOf(join(dir, 'root-key.pem'))]).toEqual(['700', '600'])
    expect(leftovers(dir)).toEqual([])
  })

  test('without its key', async () => {
    const dir = join(tempFolder(), 'ca')
    await createRootFolder(dir, {certificate: root.certificate})
    expect(readdirSync(dir)).toEqual(['root-cert.pem'])
    expect((await readFolder(dir)).root.hasKey).toBe(false)
    await expect(issueToFolder(dir, 'east', request)).rejects.toMatchObject({
      exit: 2,
      problems: [
        {message: expect.stringMatching(/has no root-key\.pem/), hints: [expect.stringContaining('--root-key')]},
      ],
    })
  })

  test('is never overwritten, nor is anything else', async () => {
    const dir = await rootFolder()
    const before = snapshot(dir)
    await expect(createRootFolder(dir, root)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(/has a root already/),
    })
    expect(snapshot(dir)).toEqual(before)

    rmSync(join(dir, 'root-cert.pem'))
    await expect(createRootFolder(dir, root)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(/root-key\.pem without/),
    })

    const other = tempFolder()
    writeFileSync(join(other, 'notes'), 'mine')
    await expect(createRootFolder(other, root)).rejects.toMatchObject({exit: 3, message: `${other} is not empty`})
    expect(readdirSync(other)).toEqual(['notes'])

    const file = join(other, 'notes')
    await expect(createRootFolder(file, root)).rejects.toMatchObject({exit: 2, message: `${file}: not a folder`})
  })

  test('of two processes at once one wins, whole', async () => {
    for (const make of [() => join(tempFolder(), 'ca'), tempFolder]) {
      const dir = make()
      const roots = await Promise.all(
        Array.from({length: 5}, () => issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 10})),
      )
      const results = await Promise.allSettled(roots.map(one => createRootFolder(dir, one)))
      expect(results.filter(({status}) => status === 'fulfilled')).toHaveLength(1)
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(MeshError)
      const won = roots[results.findIndex(({status}) => status === 'fulfilled')]!
      expect(readFileSync(join(dir, 'root-key.pem'), 'utf8')).toBe(won.key)
      expect(readFileSync(join(dir, 'root-cert.pem'), 'utf8')).toBe(won.certificate)
    }
  })
})

describe("a cluster's CA", () => {
  test('is issued and read again, and openssl verifies it', async () => {
    const dir = await rootFolder()
    const ca = await issueToFolder(dir, 'east', request)
    const east = join(dir, 'east')
    expect(readdirSync(east).sort()).toEqual(Object.values(caFiles).sort())
    expect([modeOf(east), modeOf(join(east, 'ca-key.pem'))]).toEqual(['700', '600'])
    const files = ['-CAfile', join(east, 'root-cert.pem'), '-untrusted', join(east, 'cert-chain.pem')]
    expect(openssl(['verify', '-x509_strict', ...files, join(east, 'ca-cert.pem')])).toMatch(/: OK/)
    const folder = await readFolder(dir)
    expect(folder.clusters).toEqual({east: ca})
    expect(folder.root.certificate).toBe(ca.rootCert)
    expect(checkCacerts(caData(ca), new Date())).toEqual([])
    expect(leftovers(dir)).toEqual([])
  })

  test('stays as it is without renew; with it, it has a new key', async () => {
    const dir = await rootFolder()
    const first = await issueToFolder(dir, 'east', request)
    const before = snapshot(dir)
    await expect(issueToFolder(dir, 'east', request)).rejects.toMatchObject({
      exit: 3,
      problems: [
        {
          message: `${join(dir, 'east')} has a CA already`,
          hints: [expect.stringContaining(`--dir '${dir}' --cluster east --renew`)],
        },
      ],
    })
    expect(snapshot(dir)).toEqual(before)
    const second = await issueToFolder(dir, 'east', {...request, renew: true})
    expect(second.caKey).not.toBe(first.caKey)
    expect((await readFolder(dir)).clusters).toEqual({east: second})
    expect(modeOf(join(dir, 'east', 'ca-key.pem'))).toBe('600')
    expect(leftovers(dir)).toEqual([])
  })

  test('renew keeps what is not ours', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', request)
    writeFileSync(join(dir, 'east', 'ca-crl.pem'), '')
    await expect(issueToFolder(dir, 'east', {...request, renew: true})).rejects.toMatchObject({
      exit: 3,
      message: `${join(dir, 'east')} holds ca-crl.pem, which renewing would remove`,
    })
  })

  test('renew without an old one issues', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', {...request, renew: true})
    expect(Object.keys((await readFolder(dir)).clusters)).toEqual(['east'])
  })

  test('of two runs at once one wins', async () => {
    const dir = await rootFolder()
    const results = await Promise.allSettled(Array.from({length: 4}, () => issueToFolder(dir, 'east', request)))
    const won = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    expect(won).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({exit: 3})
    expect((await readFolder(dir)).clusters).toEqual({east: won[0]})
    expect(leftovers(dir)).toEqual([])
  })

  test("below an organisation's root, whose key is not stored", async () => {
    const dir = join(tempFolder(), 'ca')
    const [rootKey, key] = [ecKey(), ecKey()]
    const top = makeCertificate({key: rootKey})
    const signer = makeCertificate({key, subject: '/CN=signer', issuer: {certificate: top, key: rootKey}})
    const authority = authorityPem(signer + top, key)
    const ca = await issueToFolder(dir, 'east', {...request, authority})
    expect(readdirSync(dir).sort()).toEqual(['east', 'root-cert.pem'])
    expect(Object.values(snapshot(dir)).join()).not.toContain(key)
    await issueToFolder(dir, 'west', {...request, authority})
    const folder = await readFolder(dir)
    expect(Object.keys(folder.clusters)).toEqual(['east', 'west'])
    expect(folder.root).toEqual({certificate: ca.rootCert, hasKey: false})
    expect(ca.rootCert).toBe(top)
    const other = authorityPem(makeCertificate({key: rootKey, subject: '/CN=other'}), rootKey)
    await expect(issueToFolder(dir, 'south', {...request, authority: other})).rejects.toMatchObject({
      exit: 3,
      message: `org-cert.pem leads to another root than ${join(dir, 'root-cert.pem')}`,
    })
    expect(existsSync(join(dir, 'south'))).toBe(false)
  })

  test('a name becomes a path only when it is a DNS label', async () => {
    const dir = await rootFolder()
    const before = snapshot(join(dir, '..'))
    const names = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        '../x',
        'a/b',
        '/etc',
        'a\0b',
        'A',
        'a_b',
        '-a',
        'a-',
        'a.b',
        ' a',
        'a\n',
        'root-cert.pem',
        'a'.repeat(64),
      ),
      fc.string({unit: 'binary'}).filter(name => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)),
    )
    await fc.assert(
      fc.asyncProperty(names, fc.boolean(), async (name, renew) => {
        await expect(issueToFolder(dir, name, {...request, renew})).rejects.toMatchObject({exit: 2})
      }),
      {numRuns: 300},
    )
    expect(snapshot(join(dir, '..'))).toEqual(before)
  })

  test('any cluster in any folder comes back as it was issued', async () => {
    const parent = tempFolder()
    const label = fc.oneof(
      fc.constantFrom('constructor', 'tostring', '0', 'x'.repeat(63), 'root-cert'),
      fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/),
    )
    const dirName = fc
      .string({minLength: 1, maxLength: 8, unit: 'grapheme'})
      .filter(name => /^[^/\0]+$/.test(name) && !/^\.+$/.test(name))
    let runs = 0
    await fc.assert(
      fc.asyncProperty(dirName, fc.uniqueArray(label, {minLength: 1, maxLength: 3}), async (name, clusters) => {
        const dir = join(parent, String(runs++), name)
        await createRootFolder(dir, root)
        const issued: Record<string, unknown> = {}
        for (const cluster of clusters) issued[cluster] = await issueToFolder(dir, cluster, request)
        expect({...(await readFolder(dir)).clusters}).toEqual(issued)
      }),
      {numRuns: 40},
    )
  })
})

describe('reading', () => {
  test('no folder, an empty one, one with another kind of file', async () => {
    const parent = tempFolder()
    const dir = join(parent, 'none')
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      problems: [{message: `${dir} is not there`, hints: [`make a root: kubectl mesh ca init --dir ${dir}`]}],
    })
    await expect(readFolder(parent)).rejects.toMatchObject({
      exit: 2,
      message: `${parent} has no root-cert.pem: it is no CA folder`,
    })
    await expect(issueToFolder(parent, 'east', request)).rejects.toMatchObject({exit: 2})
    writeFileSync(join(parent, 'root-cert.pem'), 'words')
    await expect(readFolder(parent)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/holds no certificate$/),
    })
    await expect(readFolder(join(parent, 'root-cert.pem'))).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/not a folder$/),
    })
  })

  test('a file that is missing, and one that is a folder', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', request)
    rmSync(join(dir, 'east', 'ca-key.pem'))
    await expect(readFolder(dir)).rejects.toMatchObject({exit: 2, message: `${join(dir, 'east')} lacks ca-key.pem`})
    mkdirSync(join(dir, 'east', 'ca-key.pem'))
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/a folder, want a file$/),
    })
  })

  test('other folders and files beside the clusters are left alone', async () => {
    const dir = await rootFolder()
    for (const name of ['notes', '.git', 'Old CA']) mkdirSync(join(dir, name))
    writeFileSync(join(dir, 'readme'), '')
    expect((await readFolder(dir)).clusters).toEqual({})
  })

  test('a cluster from another root', async () => {
    const [dir, other] = [await rootFolder(), join(tempFolder(), 'other')]
    await createRootFolder(other, await issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 10}))
    await issueToFolder(other, 'east', request)
    symlinkSync(join(other, 'east'), join(dir, 'east'))
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      message: `${join(dir, 'east')} is from another root than ${join(dir, 'root-cert.pem')}`,
    })
  })

  test('keys that others could read are told', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', request)
    chmodSync(join(dir, 'root-key.pem'), 0o644)
    chmodSync(join(dir, 'east', 'ca-key.pem'), 0o640)
    expect((await readFolder(dir)).warnings).toEqual([
      {
        message: `${join(dir, 'root-key.pem')} can be read by others (mode 0644)`,
        hints: [`chmod 600 '${join(dir, 'root-key.pem')}'`],
      },
      {
        message: `${join(dir, 'east', 'ca-key.pem')} can be read by others (mode 0640)`,
        hints: [`chmod 600 '${join(dir, 'east', 'ca-key.pem')}'`],
      },
    ])
  })

  test('a file that leads nowhere', async () => {
    const dir = tempFolder()
    symlinkSync('root-cert.pem', join(dir, 'root-cert.pem'))
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      problems: [
        {
          message: `${join(dir, 'root-cert.pem')}: symbolic links that lead to each other`,
          hints: [`look at it: ls -la ${dir}`],
        },
      ],
    })
  })
})

describe('killed before each change of the file system in turn, the next run gets there', () => {
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
  const killEach = async (prepare: () => Promise<string[]>, check: (args: string[]) => Promise<void>) => {
    for (let at = 1; ; at++) {
      const args = await prepare()
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
        // whole or not there at all
        if (!existsSync(dir)) await createRootFolder(dir, root)
        expect((await readFolder(dir)).root).toEqual({certificate: root.certificate, hasKey: true})
        if (existsSync(dir)) await expect(createRootFolder(dir, root)).rejects.toMatchObject({exit: 3})
        expect(leftovers(join(dir, '..'))).toEqual([])
      },
    )
    expect(kills).toBeGreaterThanOrEqual(5)
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
        // the old one, the new one or none, and never a mixture
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
