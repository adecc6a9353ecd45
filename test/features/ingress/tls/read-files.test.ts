import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {tlsFileProblem} from '../../../../src/features/ingress/tls/read-files.ts'
import {ecKey, makeCertificate} from '../../../pki/support.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-tls-files-'))
afterAll(() => rmSync(folder, {recursive: true}))

const host = 'shop.example.com'
const [key, otherKey] = [ecKey(), ecKey()]
function write(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const cert = write('tls.crt', makeCertificate({key, subject: '/CN=leaf', extensions: [`subjectAltName=DNS:${host}`]}))
const files = {cert, key: write('tls.key', key)}

test('files that a gateway can use', async () => {
  expect(await tlsFileProblem({cert}, host, new Date())).toBeUndefined()
  expect(await tlsFileProblem(files, host, new Date())).toBeUndefined()
})

test.each<[string, Parameters<typeof tlsFileProblem>[0], string, RegExp]>([
  ['a file that does not exist', {cert: join(folder, 'none')}, host, /^cannot be read: no such file$/],
  ['a folder', {cert: folder}, host, /^cannot be read: expected a file, found a folder$/],
  ['a file without a certificate', {cert: files.key}, host, /^cannot be used: /],
  ['a certificate for another host', {cert}, 'other.example.com', /^cannot be used: .*other\.example\.com/],
  [
    'the key of another certificate',
    {cert, key: write('other.key', otherKey)},
    host,
    /^cannot be used: the key in .* does not match/,
  ],
])('%s', async (_, given, requested, message) => {
  expect(await tlsFileProblem(given, requested, new Date())).toMatch(message)
})
