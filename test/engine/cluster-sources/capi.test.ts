import {describe, expect, it} from 'vitest'
import {capiCluster, isCapiKubeconfig} from '../../../src/engine/cluster-sources/capi.ts'
import {at, capiSecret, kubeconfigOf, secretOf} from './samples.ts'

const pem = btoa('PEM')

describe('kubeconfig Secrets of Cluster API', () => {
  it('become a context with the name of the cluster', () => {
    const user = {'client-certificate-data': pem, 'client-key-data': pem}
    expect(capiCluster(capiSecret(user, {'certificate-authority-data': pem}), at)).toMatchObject({
      name: 'west',
      labels: {env: 'prod'},
      cluster: {server: 'https://west.example:6443', certificateAuthorityData: Buffer.from('PEM')},
      user: {clientCertificateData: Buffer.from('PEM'), clientKeyData: Buffer.from('PEM'), exec: undefined},
    })
  })

  it.each<[string, object, object]>([
    ['exec', {exec: {apiVersion: 'client.authentication.k8s.io/v1', command: 'id'}}, {}],
    ['exec', {token: 's3cret', exec: {apiVersion: 'client.authentication.k8s.io/v1', command: 'id'}}, {}],
    ['auth-provider', {'auth-provider': {name: 'oidc', config: {'client-secret': 's3cret'}}}, {}],
    ['tokenFile', {tokenFile: '/etc/shadow'}, {}],
    ['tokenFile', {token: 's3cret', tokenFile: 'relative'}, {}],
    ['client-certificate', {'client-certificate': '/home/me/s3cret.pem', 'client-key-data': pem}, {}],
    ['client-key', {'client-certificate-data': pem, 'client-key': '/home/me/s3cret.key'}, {}],
    ['certificate-authority', {token: 's3cret'}, {'certificate-authority': '/etc/s3cret.pem'}],
  ])('with %s are refused, and nothing of them is quoted', (field, user, cluster) => {
    const error = errorOf(() => capiCluster(capiSecret(user, cluster), at))
    expect(error).toMatchObject({exit: 3, message: expect.stringContaining(field)})
    expect(error.message).toMatch(/^capi:\/\/mgmt\/fleet: Secret west-kubeconfig: /)
    expect(JSON.stringify(error)).not.toMatch(/s3cret|shadow/)
  })

  it('that repeat a certificate by aliases are refused before any of them is decoded', () => {
    // 700 KB in the Secret, and 1.7 GB as certificates: the process would end without memory.
    const clusters = Array.from(
      {length: 4500},
      (_, at) => `- {name: c${at}, cluster: {certificate-authority-data: *a}}`,
    ).join('\n')
    const value = `x: &a ${'A'.repeat(500_000)}\nclusters:\n${clusters}\n`
    const secret = secretOf('west-kubeconfig', {value}, {type: 'cluster.x-k8s.io/secret'})
    expect(errorOf(() => capiCluster(secret, at)).message).toContain('the YAML aliases expand to more than')
  }, 10_000)

  it.each<[string, object, object, string]>([
    ['http', {token: 'a'}, {server: 'http://west.example'}, 'is not an https URL'],
    ['no scheme', {token: 'a'}, {server: 'west.example:6443'}, 'is not an https URL'],
    ['a user name', {token: 'a'}, {server: 'https://a:b@west.example'}, 'is not an https URL'],
    ['no credential', {}, {}, 'contains no credential'],
  ])('with %s are refused', (_, user, cluster, message) => {
    expect(errorOf(() => capiCluster(capiSecret(user, cluster), at)).message).toContain(message)
  })

  it.each<[string, string, string]>([
    ['no value', '', 'the key "value" is missing'],
    ['no YAML', '{s3cret: [', 'not valid YAML'],
    ['a list', '[s3cret]', 'expected a mapping'],
    [
      'no current context',
      kubeconfigOf({token: 'a'}).replace('"west-admin@west","clusters', '"s3cret","clusters'),
      'no current context',
    ],
  ])('with %s are refused, and nothing of them is quoted', (_, value, message) => {
    const error = errorOf(() => capiCluster(secretOf('west-kubeconfig', {value}), at))
    expect(error.message).toContain(message)
    expect(JSON.stringify(error)).not.toContain('s3cret')
  })

  it('differ from the other Secrets of a cluster', () => {
    expect(isCapiKubeconfig(capiSecret({}))).toBe(true)
    expect(isCapiKubeconfig({...capiSecret({}), type: 'Opaque'})).toBe(false)
    expect(isCapiKubeconfig(secretOf('west-ca', {}, {type: 'cluster.x-k8s.io/secret'}))).toBe(false)
    expect(isCapiKubeconfig(secretOf('-kubeconfig', {}, {type: 'cluster.x-k8s.io/secret'}))).toBe(false)
  })
})

function errorOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected an error')
}
