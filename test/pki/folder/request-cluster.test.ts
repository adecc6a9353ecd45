import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {issueToFolder} from '../../../src/pki/folder/issue-cluster.ts'
import {readFolder} from '../../../src/pki/folder/read.ts'
import {listRequests, requestToFolder} from '../../../src/pki/folder/request-cluster.ts'
import {ecKey, openssl, tempFolder} from '../support.ts'
import {request as issueRequest, leftovers, modeOf, prepare, rootFolder, snapshot} from './support.ts'

prepare()

const request = {
  cluster: 'east',
  systemNamespace: 'istio-system',
  commonName: 'Intermediate CA',
  organization: 'Example',
  keyType: 'ecdsa-p256',
} as const

test.each(['ecdsa-p256', 'rsa-4096'] as const)(
  'creates a key (%s) and a request that openssl verifies',
  async keyType => {
    const dir = join(tempFolder(), 'mesh ca')
    const {file, isNew} = await requestToFolder(dir, {...request, keyType})
    expect({file, isNew}).toEqual({file: join(dir, 'east', 'ca.csr'), isNew: true})
    expect(readdirSync(join(dir, 'east')).sort()).toEqual(['ca-key.pem', 'ca.csr'])
    expect([dir, join(dir, 'east'), join(dir, 'east', 'ca-key.pem')].map(modeOf)).toEqual(['700', '700', '600'])
    const text = openssl(['req', '-verify', '-noout', '-text', '-in', file])
    expect(text).toMatch(/Subject: O ?= ?Example, CN ?= ?Intermediate CA, L ?= ?east/)
    expect(text).toMatch(/CA:TRUE, pathlen:0[\s\S]*Certificate Sign[\s\S]*DNS:istiod\.istio-system\.svc/)
    expect(openssl(['req', '-noout', '-pubkey', '-in', file])).toBe(
      openssl(['pkey', '-pubout', '-in', join(dir, 'east', 'ca-key.pem')]),
    )
    expect(await listRequests(dir)).toEqual(['east'])
    expect(leftovers(dir)).toEqual([])
  },
)

test('a repeated request changes nothing, and completes a run that stored only the key', async () => {
  const dir = join(tempFolder(), 'ca')
  await requestToFolder(dir, request)
  const before = snapshot(dir)
  expect((await requestToFolder(dir, request)).isNew).toBe(false)
  expect(snapshot(dir)).toEqual(before)
  rmSync(join(dir, 'east', 'ca.csr'))
  const key = readFileSync(join(dir, 'east', 'ca-key.pem'), 'utf8')
  expect((await requestToFolder(dir, request)).isNew).toBe(true)
  expect(readFileSync(join(dir, 'east', 'ca-key.pem'), 'utf8')).toBe(key)
})

test.each<[string, (dir: string) => void, RegExp]>([
  ['a key of another type', () => {}, /ca-key\.pem is not a private key of type rsa-4096/],
  ['a request of another key', dir => writeFileSync(join(dir, 'ca-key.pem'), ecKey()), /created with another key than/],
  ['a request without its key', dir => rmSync(join(dir, 'ca-key.pem')), /exists without ca-key\.pem/],
])('refuses %s and changes nothing', async (about, spoil, message) => {
  const dir = join(tempFolder(), 'ca')
  await requestToFolder(dir, request)
  spoil(join(dir, 'east'))
  const before = snapshot(dir)
  const keyType = about.includes('type') ? 'rsa-4096' : 'ecdsa-p256'
  await expect(requestToFolder(dir, {...request, keyType})).rejects.toMatchObject({
    exit: 3,
    message: expect.stringMatching(message),
  })
  expect(snapshot(dir)).toEqual(before)
})

test('a cluster has either a request or a CA of the folder', async () => {
  const dir = await rootFolder()
  await issueToFolder(dir, 'west', issueRequest)
  await expect(requestToFolder(dir, {...request, cluster: 'west'})).rejects.toThrow(/west already contains a CA/)
  await requestToFolder(dir, request)
  for (const renew of [false, true])
    await expect(issueToFolder(dir, 'east', {...issueRequest, renew})).rejects.toThrow(/contains a request to the CA/)
  const folder = await readFolder(dir)
  expect([Object.keys(folder.clusters), folder.requested]).toEqual([['west'], ['east']])
})

test('of several concurrent runs, none replaces the key of another', async () => {
  const dir = join(tempFolder(), 'ca')
  const results = await Promise.allSettled(Array.from({length: 4}, () => requestToFolder(dir, request)))
  expect(results.some(({status}) => status === 'fulfilled')).toBe(true)
  expect((await requestToFolder(dir, request)).isNew).toBe(false)
})
