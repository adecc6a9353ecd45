import {expect, test} from 'vitest'
import {formatMembers} from '../../../src/engine/kubernetes/member-record.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  followingTokenNaming,
  isDiscarded,
  tokenHistoryEdit,
  unusedTokenNaming,
} from '../../../src/mesh/credentials/objects-history.ts'
import {readerTokenName} from '../../../src/mesh/objects-reader.ts'

const namespace = 'istio-system'
const account = (last?: string): KubernetesObject => ({
  ...{apiVersion: 'v1', kind: 'ServiceAccount'},
  metadata: {
    ...{name: 'istio-reader-service-account', namespace},
    ...(last === undefined ? {} : {annotations: {'kubectl-mesh.io/last-token': last}}),
  },
})
const secretRef = (name: string) => ({apiVersion: 'v1', kind: 'Secret', namespace, name})
const factsOf = (options: {account?: KubernetesObject; live?: string[]; recorded?: string[]; pending?: string[]}) => {
  const {live = [], recorded = [], pending = []} = options
  const member = (uid: string | undefined) => (name: string) => [name, {ref: secretRef(name), uid}] as const
  const members = new Map([...recorded.map(member('uid')), ...pending.map(member(undefined))])
  return {
    reader: {account: options.account, allowed: true, readsSecrets: true},
    tokenSecrets: new Map(live.map(name => [name, {apiVersion: 'v1', kind: 'Secret', metadata: {name, namespace}}])),
    record: {
      ...{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'kubectl-mesh-federation', namespace}},
      data: {members: formatMembers(members)},
    },
  }
}
const firstName = (facts: ReturnType<typeof factsOf>) => readerTokenName(unusedTokenNaming('east', false, facts))

test('an account without former tokens, or a new one, begins with the first name', () => {
  expect(firstName(factsOf({account: account()}))).toBe('istio-remote-token-east')
  expect(firstName(factsOf({recorded: ['istio-remote-token7-east']}))).toBe('istio-remote-token-east')
  expect(firstName(factsOf({account: account(), live: ['istio-remote-token-west', 'cacerts']}))).toBe(
    'istio-remote-token-east',
  )
})

test('no name is used again: not that of a live Secret, of one deleted by hand, or of a removed one', () => {
  expect(firstName(factsOf({account: account(), live: ['istio-remote-bound-token-east']}))).toBe(
    'istio-remote-token2-east',
  )
  expect(firstName(factsOf({account: account(), recorded: ['istio-remote-token3-east']}))).toBe(
    'istio-remote-token4-east',
  )
  expect(firstName(factsOf({account: account('5'), recorded: ['istio-remote-token3-east']}))).toBe(
    'istio-remote-token6-east',
  )
  const shared = 'istio-reader-service-account-istio-remote-secret-token'
  expect(readerTokenName(unusedTokenNaming(undefined, false, factsOf({account: account('2')})))).toBe(`${shared}3`)
  expect(firstName(factsOf({account: account('forged')}))).toBe('istio-remote-token-east')
})

test('a Secret that was listed before its creation, which a kill prevented, keeps its name', () => {
  expect(firstName(factsOf({account: account(), pending: ['istio-remote-token-east']}))).toBe('istio-remote-token-east')
})

test('the account keeps the highest number of Secrets that are removed while it stays', () => {
  const refTo = (kind: string, name: string) => ({apiVersion: 'v1', kind, namespace, name})
  const token = refTo('Secret', 'istio-remote-token-east')
  const facts = factsOf({account: account(), live: ['istio-remote-token-east'], recorded: ['istio-remote-token4-east']})
  const edits = tokenHistoryEdit('west', facts, [token])
  expect(edits).toMatchObject([
    {
      target: {kind: 'ServiceAccount', name: 'istio-reader-service-account'},
      edits: [{at: 'annotation', key: 'kubectl-mesh.io/last-token', value: '4'}],
    },
  ])
  expect(tokenHistoryEdit('west', facts, [token, refTo('ServiceAccount', 'istio-reader-service-account')])).toEqual([])
  expect(tokenHistoryEdit('west', facts, [refTo('Secret', 'cacerts')])).toEqual([])
  expect(tokenHistoryEdit('west', {...facts, reader: {...facts.reader, account: account('4')}}, [token])).toEqual([])
})

test('the name of a Secret that was created and discarded after the facts were read counts as used', () => {
  const facts = factsOf({account: account(), live: ['istio-remote-token-east']})
  const edits = tokenHistoryEdit('west', facts, [secretRef('istio-remote-token2-east')])
  expect(edits).toMatchObject([{edits: [{value: '2'}]}])
})

test('a token that replaces another one has a name that no discarded token had', () => {
  const current = {peer: 'east', bound: false, slot: '2'} as const
  const after = (last: string | undefined, bound = false) =>
    readerTokenName(followingTokenNaming(current, bound, factsOf({account: account(last)})))
  expect(after(undefined)).toBe('istio-remote-token3-east')
  expect(after('2')).toBe('istio-remote-token3-east')
  expect(after('3')).toBe('istio-remote-token4-east')
  // A short-lived token also depends on the UID of its Secret.
  expect(after('3', true)).toBe('istio-remote-bound-token2-east')
})

test('a token Secret was discarded if its number was, and it does not exist', () => {
  const next = {peer: 'east', bound: false, slot: '2'} as const
  expect(isDiscarded(next, factsOf({account: account('2')}))).toBe(true)
  expect(isDiscarded(next, factsOf({account: account('1')}))).toBe(false)
  expect(isDiscarded(next, factsOf({account: account('2'), live: ['istio-remote-token2-east']}))).toBe(false)
  expect(isDiscarded({...next, bound: true}, factsOf({account: account('2')}))).toBe(false)
})
