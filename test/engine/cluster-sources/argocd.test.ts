import {describe, expect, it} from 'vitest'
import {argocdCluster} from '../../../src/engine/cluster-sources/argocd.ts'
import {argocdSecret} from './samples.ts'

const at = 'argocd://mgmt/argocd: Secret cluster-west'
const pem = btoa('PEM')

describe('cluster Secrets of Argo CD', () => {
  it('with a token become a context', () => {
    const config = {
      bearerToken: 'abc',
      tlsClientConfig: {insecure: false, serverName: 'api', caData: pem},
      proxyUrl: 'http://p',
    }
    expect(argocdCluster(argocdSecret(config), at)).toMatchObject({
      name: 'west',
      labels: {env: 'prod'},
      cluster: {
        server: 'https://west.example:6443',
        certificateAuthorityData: Buffer.from('PEM'),
        tlsServerName: 'api',
        insecureSkipTlsVerify: false,
        proxyUrl: 'http://p',
      },
      user: {token: 'abc'},
    })
  })

  it('with a client certificate, or a user name, become a context', () => {
    const tlsClientConfig = {certData: pem, keyData: pem, insecure: true}
    expect(argocdCluster(argocdSecret({tlsClientConfig}), at)).toMatchObject({
      cluster: {insecureSkipTlsVerify: true},
      user: {clientCertificateData: Buffer.from('PEM'), clientKeyData: Buffer.from('PEM')},
    })
    expect(argocdCluster(argocdSecret({username: 'a', password: 'b'}), at).user).toMatchObject({
      username: 'a',
      password: 'b',
    })
  })

  it.each<[string, unknown, string, string, string]>([
    [
      'execProviderConfig',
      {bearerToken: 's3cret', execProviderConfig: {command: 'id'}},
      'https://a',
      'a',
      'execProviderConfig',
    ],
    ['awsAuthConfig', {awsAuthConfig: {clusterName: 's3cret'}}, 'https://a', 'a', 'awsAuthConfig'],
    ['bad JSON', '{"bearerToken": "s3cret"', 'https://a', 'a', 'is not a JSON object'],
    ['a list', '["s3cret"]', 'https://a', 'a', 'is not a JSON object'],
    ['a number as token', {bearerToken: 5}, 'https://a', 'a', 'config.bearerToken is a number'],
    ['bad base64', {tlsClientConfig: {caData: 's3cret!'}}, 'https://a', 'a', 'caData is not valid base64'],
    ['no credential', {}, 'https://a', 'a', 'contains no credential'],
    ['no config', '', 'https://a', 'a', 'contains no credential'],
    ['no server', {bearerToken: 's3cret'}, '', 'a', 'is not an https URL'],
    [
      'its own cluster',
      {bearerToken: 's3cret'},
      'https://kubernetes.default.svc',
      'a',
      'the cluster of Argo CD itself',
    ],
    ['its own cluster', {bearerToken: 's3cret'}, 'https://kubernetes.default.svc.cluster.local:443/', 'a', 'itself'],
    ['its own cluster and a password', {bearerToken: 'a'}, 'https://kubernetes.default:s3cret@a', 'a', 'itself'],
    ['a name with a comma', {bearerToken: 's3cret'}, 'https://a', 'a,b', '"a,b" cannot be the name'],
    ['a name like a flag', {bearerToken: 's3cret'}, 'https://a', '--yes', '"--yes" cannot be the name'],
    ['a name like a reference', {bearerToken: 's3cret'}, 'https://a', 'a=/etc/x', 'cannot be the name'],
    ['a name with an escape', {bearerToken: 's3cret'}, 'https://a', 'a\u001b[2J', '"a\\u001b[2J" cannot be the name'],
    ['no name', {bearerToken: 's3cret'}, 'https://a', '', 'cannot be the name'],
  ])('with %s are refused, and no credential is quoted', (_, config, server, name, message) => {
    let error: unknown
    try {
      argocdCluster(argocdSecret(config, server, name), at)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({message: expect.stringContaining(message)})
    expect((error as Error).message).toMatch(/^argocd:\/\/mgmt\/argocd: Secret cluster-west: /)
    expect(JSON.stringify(error)).not.toContain('s3cret')
  })

  it('named by the ARN of an EKS cluster are accepted', () => {
    const arn = 'arn:aws:eks:eu-west-1:123:cluster/west'
    expect(argocdCluster(argocdSecret({bearerToken: 'a'}, 'https://a', arn), at).name).toBe(arn)
  })

  it('of a host that only begins like that of Argo CD are accepted', () => {
    expect(argocdCluster(argocdSecret({bearerToken: 'a'}, 'https://kubernetes.default.example'), at).name).toBe('west')
  })
})
