import {expect, test} from 'vitest'
import {
  buildBundledSecret,
  buildRemoteSecrets,
  type RemoteAccess,
  remoteKubeconfig,
} from '../../src/mesh/objects-remote-secret.ts'
import {loadYaml} from '../../src/text/yaml.ts'
import {frozen} from '../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../support/golden.ts'

const access: RemoteAccess = {
  target: 'west',
  server: 'https://10.1.0.10:6443',
  certificateAuthority: '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n',
  tlsServerName: 'kubernetes.default',
  token: 'header.claims.signature',
}
const holder = {cluster: 'east', systemNamespace: 'istio-system'}

test('golden: the kubeconfig, identical on every call', async () => {
  const text = remoteKubeconfig(frozen({...access}))
  expect(remoteKubeconfig({...access})).toBe(text)
  await expectGolden('remote-secret/kubeconfig.yaml', text)
})

test('golden: the kubeconfig without CA and server name', async () =>
  expectGolden(
    'remote-secret/kubeconfig-bare.yaml',
    remoteKubeconfig({...access, certificateAuthority: undefined, tlsServerName: undefined}),
  ))

test.each(['y', 'null', '1e3', '0755', '12-30', 'on', 'constructor'])(
  'the cluster name %s is read back as a string',
  target =>
    expect(loadYaml(remoteKubeconfig({...access, target}))).toMatchObject({
      clusters: [{name: target}],
      contexts: [{name: target, context: {cluster: target, user: target}}],
      'current-context': target,
      users: [{name: target}],
    }),
)

test('golden: one Secret per credential', async () => {
  const kubeconfig = remoteKubeconfig(access)
  const credentials = frozen([
    {target: 'west', kubeconfig},
    {target: 'south', kubeconfig: undefined},
  ])
  await expectGolden('remote-secret/per-peer.yaml', textOfChanges(buildRemoteSecrets(holder, credentials)))
})

test('golden: one Secret for all credentials; it is pending while one is unknown', async () => {
  const kubeconfig = remoteKubeconfig(access)
  const known = frozen([
    {target: 'west', kubeconfig},
    {target: 'north', kubeconfig},
  ])
  await expectGolden('remote-secret/bundled.yaml', textOfChanges(buildBundledSecret(holder, known)))
  const [pending] = buildBundledSecret(holder, [...known, {target: 'south', kubeconfig: undefined}])
  expect(pending!.pending).toBe('the credential for south is created during apply')
  expect(buildBundledSecret(holder, [])).toEqual([])
})
