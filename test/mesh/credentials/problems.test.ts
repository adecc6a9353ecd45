import {describe, expect, test} from 'vitest'
import {credentialProblems} from '../../../src/mesh/credentials/problems.ts'
import {remoteKubeconfig} from '../../../src/mesh/objects-remote-secret.ts'
import {type FoundCredential, remoteClusterOf} from '../../../src/mesh/remote-secrets.ts'
import {makeRoot} from '../../support/ground/certificates.ts'
import {facts, member, remoteSecret} from '../samples.ts'

const now = new Date(Date.UTC(2030, 0, 1))
const server = 'https://west.example:6443'

/** A credential of another owner for west. */
function found(access: {server?: string; authority?: string | undefined}, ours = false): FoundCredential {
  const kubeconfig = remoteKubeconfig({
    target: 'west',
    server: access.server ?? server,
    certificateAuthority: access.authority,
    tlsServerName: undefined,
    token: 't',
  })
  const secret = remoteSecret('by-hand', {west: kubeconfig})
  return {target: remoteClusterOf(secret)!, secret, ours, kubeconfig}
}

/** Cluster west, whose API server has a certificate authority. */
function target(authority: string | undefined, issued?: string) {
  const {cluster} = facts('west')
  const token = {...remoteSecret('token', {}), data: {'ca.crt': Buffer.from(issued ?? '').toString('base64')}}
  const tokenSecrets = new Map(issued === undefined ? [] : [['token', token]])
  return member('west', {cluster: {...cluster, certificateAuthority: authority}, tokenSecrets})
}

describe('credentialProblems', () => {
  const foreign = ['trusts a certificate authority that west does not use']
  const elsewhere = ['connects to evil.example; expected west.example:6443, the API server of west']

  test('compares the server and the certificate authority with those of our credential', async () => {
    const [own, other] = [await makeRoot('own'), await makeRoot('other')]
    const evil = 'https://user:hunter2@evil.example'
    const problemsOf = (access: Parameters<typeof found>[0], of = target(own)) =>
      credentialProblems(found(access), of, now)
    expect(problemsOf({authority: own})).toEqual([])
    expect(problemsOf({authority: `# comment\n${own}`}), 'another form of the same certificate').toEqual([])
    expect(problemsOf({authority: other}, target(own, other)), 'the one beside the tokens').toEqual([])
    expect(problemsOf({authority: other})).toEqual(foreign)
    expect(problemsOf({authority: `${own}\n${other}`}), 'a further authority').toEqual(foreign)
    expect(problemsOf({authority: 'no PEM'})).toEqual(foreign)
    expect(problemsOf({server: evil, authority: other})).toEqual([...foreign, ...elsewhere])
    expect(problemsOf({server: evil})).toEqual(elsewhere)
    expect(problemsOf({server: evil, authority: other}, target(undefined)), 'nothing to compare with').toEqual(
      elsewhere,
    )
    expect(problemsOf({server: 'https://10.0.0.1', authority: own}), 'another address of the same cluster').toEqual([])
  })

  test('compares neither our own Secrets nor those for unknown clusters', async () => {
    const access = {server: 'https://evil.example', authority: await makeRoot('other')}
    expect(credentialProblems(found(access, true), target(await makeRoot('own')), now)).toEqual([])
    expect(credentialProblems(found(access), undefined, now)).toEqual([])
  })
})
