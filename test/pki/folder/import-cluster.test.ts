import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {caData} from '../../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../../src/pki/check-cacerts.ts'
import {checkImport, type ImportRequest, storeImport} from '../../../src/pki/folder/import-cluster.ts'
import {readFolder} from '../../../src/pki/folder/read.ts'
import {requestToFolder} from '../../../src/pki/folder/request-cluster.ts'
import {caExtensions, ecKey, makeCertificate, tempFolder} from '../support.ts'
import {modeOf, prepare, snapshot} from './support.ts'

prepare()

const rootKey = ecKey()
const root = makeCertificate({key: rootKey})
const keyType = 'ecdsa-p256'

/** A folder with a request of each cluster. */
async function requested(...clusters: string[]): Promise<string> {
  const dir = join(tempFolder(), 'ca')
  for (const cluster of clusters)
    await requestToFolder(dir, {
      cluster,
      systemNamespace: 'istio-system',
      commonName: 'Intermediate CA',
      organization: 'Example',
      keyType,
    })
  return dir
}

/** Signs the key of a cluster. */
function sign(dir: string, cluster: string, extensions: string[] = [], subject = '/O=Example'): string {
  const key = readFileSync(join(dir, cluster, 'ca-key.pem'), 'utf8')
  const issuer = {certificate: root, key: rootKey}
  return makeCertificate({key, subject, issuer, extensions: [...caExtensions, ...extensions]})
}

async function importCa(dir: string, cluster: string, text: string, more: Partial<ImportRequest> = {}) {
  const signed = {text, file: `${cluster}.pem`}
  const checked = await checkImport(dir, cluster, {
    signed,
    now: new Date(),
    trustDomain: 'cluster.local',
    renew: false,
    ...more,
  })
  await storeImport(dir, checked)
  return checked
}

const rootFile = {root: {text: root, file: 'root.pem'}}

test('imports CAs that istiod accepts, without the key of the root; a repeat changes nothing', async () => {
  const dir = await requested('east', 'west')
  const east = sign(dir, 'east', ['subjectAltName=DNS:istiod.istio-system.svc'])
  expect((await importCa(dir, 'east', east, rootFile)).missing).toEqual([])
  // The folder has the root now.
  await importCa(dir, 'west', sign(dir, 'west'))
  const folder = await readFolder(dir)
  expect(folder.root).toEqual({certificate: root, hasKey: false})
  expect(Object.keys(folder.clusters)).toEqual(['east', 'west'])
  for (const ca of Object.values(folder.clusters)) expect(checkCacerts(caData(ca), new Date())).toEqual([])
  expect(readdirSync(dir).sort()).toEqual(['east', 'root-cert.pem', 'west'])
  expect(modeOf(join(dir, 'east', 'ca-key.pem'))).toBe('600')
  const before = snapshot(dir)
  expect((await importCa(dir, 'east', east)).isStored).toBe(true)
  expect(snapshot(dir)).toEqual(before)
})

test('reports what the certificate lacks of its request', async () => {
  const dir = await requested('east')
  expect((await importCa(dir, 'east', sign(dir, 'east', [], '/O=Other'), rootFile)).missing).toEqual([
    'organization Example',
    'alternative name DNS:istiod.istio-system.svc',
  ])
})

test('another certificate of the same key needs --renew, and the key stays', async () => {
  const dir = await requested('east')
  await importCa(dir, 'east', sign(dir, 'east'), rootFile)
  const [key, second] = [readFileSync(join(dir, 'east', 'ca-key.pem'), 'utf8'), sign(dir, 'east')]
  const before = snapshot(dir)
  await expect(importCa(dir, 'east', second)).rejects.toMatchObject({exit: 3})
  expect(snapshot(dir)).toEqual(before)
  await importCa(dir, 'east', second, {renew: true})
  const {clusters} = await readFolder(dir)
  expect([clusters.east!.caCert, clusters.east!.caKey]).toEqual([second, key])
})

test('completes a run that was killed before it stored the certificate', async () => {
  const dir = await requested('east')
  const signed = sign(dir, 'east')
  await importCa(dir, 'east', signed, rootFile)
  rmSync(join(dir, 'east', 'ca-cert.pem'))
  expect((await readFolder(dir)).requested).toEqual(['east'])
  await importCa(dir, 'east', signed)
  expect(Object.keys((await readFolder(dir)).clusters)).toEqual(['east'])
})

test('refuses another root, a folder without the key, and a path as a name', async () => {
  const dir = await requested('east')
  const signed = sign(dir, 'east')
  await importCa(dir, 'east', signed, rootFile)
  const other = {root: {text: makeCertificate({key: ecKey(), subject: '/CN=other'}), file: 'other.pem'}}
  const before = snapshot(dir)
  await expect(importCa(dir, 'east', signed, other)).rejects.toMatchObject({
    exit: 3,
    message: `other.pem has a different root than ${join(dir, 'root-cert.pem')}`,
  })
  await expect(importCa(dir, 'west', signed)).rejects.toMatchObject({
    exit: 2,
    message: `${join(dir, 'west')} has no ca-key.pem`,
  })
  await expect(importCa(dir, '../x', signed)).rejects.toMatchObject({exit: 2})
  expect(snapshot(dir)).toEqual(before)
})

test("readFolder reads an organisation's folder without root-cert.pem, if all clusters have one root", async () => {
  const dir = await requested('east', 'west')
  for (const cluster of ['east', 'west']) {
    await importCa(dir, cluster, sign(dir, cluster), rootFile)
    rmSync(join(dir, cluster, 'ca.csr'))
  }
  rmSync(join(dir, 'root-cert.pem'))
  const folder = await readFolder(dir)
  expect(folder.root).toEqual({certificate: root, hasKey: false})
  expect(Object.keys(folder.clusters)).toEqual(['east', 'west'])
  writeFileSync(join(dir, 'west', 'root-cert.pem'), makeCertificate({key: ecKey(), subject: '/CN=other'}))
  await expect(readFolder(dir)).rejects.toThrow(/west was issued by a different root than \S+east\/root-cert\.pem/)
})

test('readFolder names the command that imports what was requested', async () => {
  await expect(readFolder(await requested('east'))).rejects.toThrow(/contains only requests \(east\), and no CA/)
})

test('the same import twice, with the root, changes nothing', async () => {
  const dir = await requested('east')
  const text = sign(dir, 'east')
  const given = {root: {text: root, file: 'root.pem'}}
  await importCa(dir, 'east', text, given)
  const before = snapshot(dir)
  expect(await importCa(dir, 'east', text, given)).toMatchObject({isStored: true})
  expect(snapshot(dir)).toEqual(before)
})

test('a damaged request is an error that names it', async () => {
  const dir = await requested('east')
  writeFileSync(join(dir, 'east', 'ca.csr'), 'hi\n')
  await expect(importCa(dir, 'east', sign(dir, 'east'), {root: {text: root, file: 'root.pem'}})).rejects.toMatchObject({
    exit: 2,
    problems: [{message: expect.stringContaining('ca.csr is not a certificate signing request')}],
  })
})
