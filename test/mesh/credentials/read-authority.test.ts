import {createServer, type Server} from 'node:https'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {serverAuthority} from '../../../src/mesh/credentials/read-authority.ts'
import {ecKey, makeCertificate} from '../../pki/support.ts'
import {facts} from '../samples.ts'

const key = ecKey()
const issued = makeCertificate({key, subject: '/CN=127.0.0.1', extensions: ['subjectAltName=IP:127.0.0.1']})
const proxy = makeCertificate({key: ecKey(), subject: '/CN=proxy'})
const third = makeCertificate({key: ecKey(), subject: '/CN=third'})

describe('the certificate authority of a remote Secret', () => {
  let server: Server
  let url: string
  const unreachable = 'https://127.0.0.1:1'

  beforeAll(async () => {
    server = createServer({key, cert: issued})
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise(resolve => server.close(resolve)))

  const of = (
    to: string,
    own: string | undefined,
    more: {clusterAuthority?: string; skipsVerification?: boolean; held?: string; through?: string} = {},
  ) => {
    const {clusterAuthority, skipsVerification = false, held, through = 'https://rancher.example'} = more
    const cluster = {server: through, certificateAuthority: own, skipsVerification} as Cluster
    return serverAuthority({server: to, facts: facts('west', {cluster, clusterAuthority})}, held)
  }

  test('is that of the kubeconfig for the server that this machine has verified', async () => {
    expect(await of(unreachable, proxy, {through: unreachable})).toEqual({pem: proxy, problem: undefined})
    expect(await of(unreachable, undefined, {through: unreachable})).toEqual({pem: undefined, problem: undefined})
  })

  test('is that of the cluster where the kubeconfig skips the verification', async () => {
    const skips = {clusterAuthority: issued, skipsVerification: true}
    expect(await of(url, undefined, {...skips, through: url})).toEqual({pem: issued, problem: undefined})
    expect(await of(unreachable, undefined, {...skips, through: unreachable})).toEqual({
      pem: issued,
      problem: undefined,
    })
  })

  test('is that of the cluster where the kubeconfig leads through a proxy with another one', async () => {
    expect(await of(url, proxy, {clusterAuthority: issued})).toEqual({pem: issued, problem: undefined})
  })

  test('comes from a token if the ConfigMap does not exist', async () => {
    const cluster = {
      server: 'https://rancher.example',
      certificateAuthority: proxy,
      skipsVerification: false,
    } as Cluster
    const data = {'ca.crt': Buffer.from(issued).toString('base64')}
    const tokenSecrets = new Map([['t', {apiVersion: 'v1', kind: 'Secret', metadata: {name: 't'}, data}]])
    const found = await serverAuthority({server: url, facts: facts('west', {cluster, tokenSecrets})}, undefined)
    expect(found).toEqual({pem: issued, problem: undefined})
  })

  test('contains both where this machine cannot reach the server', async () => {
    const both = `${proxy.trimEnd()}\n${issued}`
    expect(await of(unreachable, proxy, {clusterAuthority: issued})).toEqual({pem: both, problem: undefined})
    expect(await of(unreachable, issued, {clusterAuthority: issued})).toEqual({pem: issued, problem: undefined})
  })

  test('stays as it is while it verifies the server, because istiod reconnects when it changes', async () => {
    const both = `${proxy.trimEnd()}\n${issued}`
    expect((await of(url, proxy, {clusterAuthority: issued, held: both})).pem).toBe(both)
    expect((await of(unreachable, proxy, {clusterAuthority: issued, held: issued})).pem).toBe(issued)
    expect((await of(unreachable, proxy, {held: both})).pem).toBe(both)
    // One that the cluster does not use any more is replaced.
    expect((await of(unreachable, proxy, {clusterAuthority: issued, held: third})).pem).toBe(both)
  })

  test('is reported if none verifies the server', async () => {
    const {pem, problem} = await of(url, proxy, {clusterAuthority: third})
    expect(pem).toBe(`${proxy.trimEnd()}\n${third}`)
    expect(problem).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/)
  })
})
