import {existsSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {caData, caFiles} from '../../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../../src/pki/check-cacerts.ts'
import {createRootFolder} from '../../../src/pki/folder/create.ts'
import {issueToFolder} from '../../../src/pki/folder/issue-cluster.ts'
import {readFolder} from '../../../src/pki/folder/read.ts'
import {authorityPem, ecKey, makeCertificate, openssl, tempFolder} from '../support.ts'
import {leftovers, modeOf, prepare, request, root, rootFolder, snapshot} from './support.ts'

prepare()

describe('issueToFolder', () => {
  test('issues a CA that readFolder returns and openssl verifies', async () => {
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

  test('keeps an existing CA without renew, and replaces it with renew', async () => {
    const dir = await rootFolder()
    const first = await issueToFolder(dir, 'east', request)
    const before = snapshot(dir)
    await expect(issueToFolder(dir, 'east', request)).rejects.toMatchObject({
      exit: 3,
      problems: [
        {
          message: `${join(dir, 'east')} already contains a CA`,
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

  test('renew refuses to remove other files', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', request)
    writeFileSync(join(dir, 'east', 'ca-crl.pem'), '')
    await expect(issueToFolder(dir, 'east', {...request, renew: true})).rejects.toMatchObject({
      exit: 3,
      message: `${join(dir, 'east')} contains ca-crl.pem, which a renewal would remove`,
    })
  })

  test('renew issues a CA if there is none', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', {...request, renew: true})
    expect(Object.keys((await readFolder(dir)).clusters)).toEqual(['east'])
  })

  test('of several concurrent runs, one issues the CA', async () => {
    const dir = await rootFolder()
    const results = await Promise.allSettled(Array.from({length: 4}, () => issueToFolder(dir, 'east', request)))
    const won = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    expect(won).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({exit: 3})
    expect((await readFolder(dir)).clusters).toEqual({east: won[0]})
    expect(leftovers(dir)).toEqual([])
  })

  test("does not store the key of an organisation's CA", async () => {
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
      message: `org-cert.pem leads to a different root than ${join(dir, 'root-cert.pem')}`,
    })
    expect(existsSync(join(dir, 'south'))).toBe(false)
  })

  test('rejects names that are not DNS labels, because they become paths', async () => {
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

  test('readFolder returns what was issued, for any folder and cluster name', async () => {
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
