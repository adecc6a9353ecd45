import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {heldTokensFor} from '../../../src/mesh/credentials/held-tokens.ts'

const secret = (name: string, token?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {name, namespace: 'istio-system', uid: name},
  ...(token === undefined ? {} : {data: {token: Buffer.from(token).toString('base64')}}),
})
const kubeconfig = (token: string) =>
  JSON.stringify({
    'current-context': 'west',
    contexts: [{name: 'west', context: {cluster: 'west', user: 'west'}}],
    clusters: [{name: 'west', cluster: {server: 'https://west.test'}}],
    users: [{name: 'west', user: {token}}],
  })
const bound = [
  'e30',
  Buffer.from(JSON.stringify({'kubernetes.io': {secret: {uid: 'empty'}}})).toString('base64url'),
].join('.')
const secrets = [secret('empty'), secret('first', 'a'), secret('second', 'a')]
const target = {
  cluster: 'west',
  facts: {tokenSecrets: new Map(secrets.map(one => [one.metadata.name, one])), created: secrets},
}
const held = (token: string) =>
  heldTokensFor(target, [
    {target: 'east', secret: secret('other'), ours: true, kubeconfig: kubeconfig('a')},
    {target: 'west', secret: secret('remote'), ours: false, kubeconfig: kubeconfig(token)},
  ])

test.each([
  ['a', 'first', true],
  [bound, 'empty', true],
  ['b', undefined, false],
  // Threat: a credential of another owner would look like ours.
  ['', undefined, false],
])('the token %j is that of Secret %s', (token, name, isOurs) => {
  const [one, ...more] = held(token)
  expect(more).toEqual([])
  expect(one).toMatchObject({server: 'https://west.test', isOurs})
  expect(one!.secret?.metadata.name).toBe(name)
})
