import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {ecKey, makeCertificate} from './support.ts'

test('comparing a certificate with its request leaves node:tls complete in a process that has not loaded it', () => {
  const script = `
    await import('reflect-metadata')
    const {createRequest, missingFromCertificate, parseRequest} = await import('./src/pki/request.ts')
    const {readCertificates} = await import('./src/pki/read.ts')
    const names = {cluster: 'east', systemNamespace: 'mesh', commonName: 'CA', organization: 'Example'}
    const {csr} = await createRequest({...names, keyType: 'ecdsa-p256'})
    const [certificate] = readCertificates(process.env.CERTIFICATE, 'a.pem')
    console.log(missingFromCertificate(parseRequest(csr, 'a.csr'), certificate).join(', '))
    console.log(typeof process.getBuiltinModule('tls').createSecureContext)`
  const env = {...process.env, CERTIFICATE: makeCertificate({key: ecKey(), subject: '/O=Other/CN=x'})}
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', script], {env, encoding: 'utf8'})
  expect(stdout).toBe('organization Example, alternative name DNS:istiod.mesh.svc\nfunction\n')
})
