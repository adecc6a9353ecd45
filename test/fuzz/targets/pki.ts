import fc from 'fast-check'
import {readAuthority} from '../../../src/pki/authority.ts'
import type {CaData} from '../../../src/pki/check-cacerts.ts'
import {readCertificates, readPrivateKey} from '../../../src/pki/read.ts'
import {inspectServer} from '../../../src/pki/server.ts'
import {compareCas} from '../../../src/pki/status.ts'
import {formatDate} from '../../../src/pki/verify.ts'
import {mutated} from '../mutate.ts'
import {accepted} from '../oracle.ts'
import {certificates, keys} from '../samples-pki.ts'
import {defineTarget} from '../target.ts'
import {derWords, pemWords} from '../words.ts'

function pem(type: string, der: string): string {
  return `-----BEGIN ${type}-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${type}-----\n`
}

const binary = (base64: string) => Buffer.from(base64, 'base64').toString('latin1')
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const ders = (samples: Record<string, string>) => fc.constantFrom(...Object.values(samples).map(binary))

const sound = {
  root: pem('CERTIFICATE', certificates.root),
  intermediate: pem('CERTIFICATE', certificates.intermediate),
  leaf: pem('CERTIFICATE', certificates.leaf),
  rootKey: pem('PRIVATE KEY', keys.root),
  intermediateKey: pem('EC PRIVATE KEY', keys.intermediate),
  leafKey: pem('RSA PRIVATE KEY', keys.leaf),
  encryptedKey: pem('ENCRYPTED PRIVATE KEY', keys.encrypted),
}
const pems = fc.oneof(
  fc.constantFrom(...Object.values(sound)),
  fc.constantFrom(sound.intermediate + sound.root, sound.leaf + sound.intermediate, sound.leafKey + sound.leaf),
)
const mutatedCertificate = mutated(ders(certificates), derWords).map(text => pem('CERTIFICATE', base64(text)))
const mutatedKey = fc
  .tuple(
    fc.constantFrom('PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY', 'PUBLIC KEY'),
    mutated(ders(keys), derWords),
  )
  .map(([type, text]) => pem(type, base64(text)))
const anyPem = fc.oneof(
  {weight: 4, arbitrary: mutated(pems, pemWords)},
  {weight: 4, arbitrary: mutatedCertificate},
  {weight: 2, arbitrary: mutatedKey},
  {weight: 1, arbitrary: mutated(ders({...certificates, ...keys}), derWords)},
)

const parts = ['ca-cert.pem', 'ca-key.pem', 'cert-chain.pem', 'root-cert.pem', 'tls.crt', 'tls.key', 'ca.crt'] as const
const soundData: Record<(typeof parts)[number], string> = {
  'ca-cert.pem': sound.intermediate,
  'ca-key.pem': sound.intermediateKey,
  'cert-chain.pem': sound.intermediate + sound.root,
  'root-cert.pem': sound.root,
  'tls.crt': sound.intermediate,
  'tls.key': sound.intermediateKey,
  'ca.crt': sound.root,
}

/** Certificates and keys in files, in the Secret `cacerts` and in the Secrets of gateways. */
export const target = defineTarget({
  input: fc.tuple(fc.constantFrom(...parts), anyPem, fc.boolean()),
  async check([part, text, isTls]) {
    // From 2026 on, the samples are valid for a century.
    const now = new Date('2030-01-01T00:00:00Z')
    const data: CaData = Object.fromEntries(
      Object.entries({...soundData, [part]: text}).filter(([key]) => isTls || !/^(tls|ca)\.(crt|key)$/.test(key)),
    )
    const {rows} = compareCas(
      [
        {cluster: 'a', source: 'cluster', data, servedRoot: text},
        {cluster: 'b', source: 'folder', data: soundData},
        {cluster: 'c', source: 'cluster', data: undefined, servedRoot: text},
      ],
      now,
    )
    for (const {expires} of rows) if (expires) formatDate(expires)
    const bytes = Buffer.from(text, 'latin1')
    const file = {name: 'a', bytes}
    inspectServer({cert: file, key: file, ca: file}, ['shop.example.com', '*.example.org'], now)
    inspectServer({cert: {name: 'b', bytes: Buffer.from(sound.leaf)}, key: file}, [], now)
    const files = {certificate: 'a.pem', key: 'b.pem'}
    await accepted(() => readAuthority({certificate: text, key: sound.rootKey, files}, now))
    await accepted(() => readAuthority({certificate: sound.root, key: text, files}, now))
    await accepted(() => readPrivateKey(text, 'a.pem'))
    const found = (await accepted(() => readCertificates(text, 'a.pem'))) ?? []
    for (const {notBefore, notAfter} of found) [notBefore, notAfter].map(formatDate)
  },
})
