import {describe, expect, it} from 'vitest'
import {parseAccessProviders} from '../../../src/engine/cluster-sources/access-providers.ts'
import {profileCluster} from '../../../src/engine/cluster-sources/cluster-profile.ts'
import {profile} from './samples.ts'

const at = 'clusterprofile://mgmt/fleet: ClusterProfile west'
const server = 'https://west.example:6443'
const argsKey = 'clusterprofiles.multicluster.x-k8s.io/exec/additional-args'
const envKey = 'clusterprofiles.multicluster.x-k8s.io/exec/additional-envs'
const execKey = 'client.authentication.k8s.io/exec'

function providers(policies: object = {}, name = 'secret-reader') {
  const execConfig = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/opt/plugin',
    args: ['get'],
    env: [{name: 'REGION', value: 'eu'}],
    provideClusterInfo: true,
  }
  return parseAccessProviders(JSON.stringify({providers: [{name, execConfig, ...policies}]}), 'providers.json')
}

const extensions = [
  {name: argsKey, extension: ['--cluster', 'west']},
  {name: envKey, extension: {REGION: 'us', CLUSTER: 'west'}},
  {name: execKey, extension: {name: 'west-token'}},
]

describe('ClusterProfiles', () => {
  it('run the command of the file; what they add is ignored by default', () => {
    expect(profileCluster(profile({server, extensions}), providers(), at)).toMatchObject({
      name: 'west',
      labels: {env: 'prod'},
      cluster: {server, execConfig: {name: 'west-token'}},
      user: {
        exec: {command: '/opt/plugin', args: ['get'], env: [{name: 'REGION', value: 'eu'}], interactiveMode: 'Never'},
      },
    })
  })

  it('add arguments and variables if the file permits it', () => {
    const append = {profileSourcedCLIArgsPolicy: 'Append', profileSourcedEnvVarsPolicy: 'AppendIfNotExists'}
    expect(profileCluster(profile({server, extensions}), providers(append), at)?.user.exec).toMatchObject({
      args: ['get', '--cluster', 'west'],
      env: [
        {name: 'REGION', value: 'eu'},
        {name: 'CLUSTER', value: 'west'},
      ],
    })
    const replace = {profileSourcedEnvVarsPolicy: 'Replace'}
    expect(profileCluster(profile({server, extensions}), providers(replace), at)?.user.exec).toMatchObject({
      args: ['get'],
      env: [
        {name: 'REGION', value: 'us'},
        {name: 'CLUSTER', value: 'west'},
      ],
    })
  })

  it.each([
    'LD_PRELOAD',
    'PATH',
    'path',
    'NODE_OPTIONS',
    'BASH_ENV',
    'DYLD_INSERT_LIBRARIES',
    'PYTHONSTARTUP',
    'HOME',
    'OPENSSL_CONF',
    'CLASSPATH',
    'BROWSER',
    'GIT_SSH_COMMAND',
    'AWS_CONFIG_FILE',
    'CLOUDSDK_PYTHON',
    'XDG_CONFIG_HOME',
    'https_proxy',
    'SSL_CERT_FILE',
    'AWS_CA_BUNDLE',
    'a=b',
    '',
    'A\0',
  ])('cannot set the variable %j, even if the file permits variables', name => {
    const own = [{name: envKey, extension: {[name]: '/tmp/x'}}]
    const permits = providers({profileSourcedEnvVarsPolicy: 'Replace'})
    expect(() => profileCluster(profile({server, extensions: own}), permits, at)).toThrow(/variable|not a map/)
    expect(profileCluster(profile({server, extensions: own}), providers(), at)).toBeDefined()
  })

  it('may use the deprecated field, over which the current one has precedence', () => {
    const old = {accessProviders: undefined, credentialProviders: [{name: 'secret-reader', cluster: {server}}]}
    expect(profileCluster(profile({}, old), providers(), at)?.cluster.server).toBe(server)
    const both = {credentialProviders: [{name: 'secret-reader', cluster: {server: 'https://old'}}]}
    expect(profileCluster(profile({server}, both), providers(), at)?.cluster.server).toBe(server)
  })

  it('without any provider yet are left out', () => {
    expect(profileCluster(profile({}, {accessProviders: []}), providers(), at)).toBeUndefined()
    expect(profileCluster({...profile({}), status: undefined}, providers(), at)).toBeUndefined()
  })

  it.each<[string, object, string]>([
    ['a file', {server, 'certificate-authority': '/etc/passwd'}, 'certificate-authority refers to a file'],
    ['no server', {}, 'is not an https URL'],
    ['http', {server: 'http://a'}, 'is not an https URL'],
    ['a list as server', {server: ['a']}, 'status.accessProviders[1].cluster.server is a list'],
    ['extensions that are no list', {server, extensions: {}}, 'extensions is a mapping'],
    ['bad base64', {server, 'certificate-authority-data': '!'}, 'not valid base64'],
  ])('with %s are refused', (_, cluster, message) => {
    expect(() => profileCluster(profile(cluster), providers(), at)).toThrow(message)
  })

  it('with many providers that are not in the file are refused in one short message', () => {
    const accessProviders = Array.from({length: 1000}, (_, at) => ({name: `n${at}`, cluster: {}}))
    expect(() => profileCluster(profile({}, {accessProviders}), providers(), at)).toThrow(
      `${at}: its access providers (n0, n1, n2, n3, n4, 995 more) are not in the file`,
    )
  })

  it('whose providers are not in the file are refused', () => {
    expect(() => profileCluster(profile({server}), providers({}, 'gcp'), at)).toThrow(
      `${at}: its access providers (other, secret-reader) are not in the file of --access-providers (gcp)`,
    )
  })
})
