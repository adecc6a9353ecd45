import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {partOfLabel} from '../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {federationFields} from '../../src/features/federate/spec.ts'
import {remoteKubeconfig} from '../../src/mesh/objects-remote-secret.ts'
import {accessIn, claimsOf, resolveCredentials} from '../../src/mesh/read-credentials.ts'
import {readSpec} from '../../src/spec/read.ts'
import {oddText} from '../support/odd.ts'
import {facts, member, remoteSecret} from './samples.ts'

const now = new Date(Date.UTC(2030, 0, 1))
const hour = 3_600_000

/** A token that says when it ends and which Secret it hangs on. */
function jwt(hoursLeft: number, uid: string): string {
  const claims = {iat: 1, exp: (now.getTime() + hoursLeft * hour) / 1000, 'kubernetes.io': {secret: {uid}}}
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
}

/** The API server of `west`: takes some tokens, and gives new ones. */
function west(accepts: string[] = []) {
  const asked: string[] = []
  const cluster = {
    ...facts('west').cluster,
    create: async (path: string, body: {spec: {token?: string}}) => {
      asked.push(path)
      if (path.endsWith('/token')) return {status: {token: 'minted', expirationTimestamp: now.toISOString()}}
      return {status: {authenticated: accepts.includes(body.spec.token ?? '')}}
    },
  } as unknown as Cluster
  return {cluster, asked}
}

function tokenSecret(name: string, token?: string): KubernetesObject {
  const data = token === undefined ? {} : {data: {token: Buffer.from(token).toString('base64')}}
  return {apiVersion: 'v1', kind: 'Secret', metadata: {name, namespace: 'istio-system', uid: 'uid-1'}, ...data}
}

const kubeconfig = (token: string, more = {}) =>
  remoteKubeconfig({
    target: 'west',
    server: 'https://west.example:6443',
    certificateAuthority: 'CA\n',
    tlsServerName: undefined,
    token,
    ...more,
  })

/** What east is to hold for west. */
async function held(options: {
  raw?: object
  inEast?: KubernetesObject[]
  inWest?: KubernetesObject
  accepts?: string[]
  mint?: boolean
}) {
  const {cluster, asked} = west(options.accepts)
  const spec = readSpec(federationFields, {contexts: 'east,west', ...options.raw})
  const secrets = options.inWest ? [[options.inWest.metadata.name, options.inWest] as const] : []
  const all = [
    member('east', {remoteSecrets: options.inEast ?? []}, options.raw),
    member('west', {cluster, tokenSecrets: new Map(secrets)}, options.raw),
  ]
  const found = (await resolveCredentials(spec, all, now, options.mint ?? false)).get('east')!
  return {...found.holds[0]!, keeps: found.keepsInBundle.map(({target}) => target), asked}
}

const ours = {[partOfLabel]: 'applyset-x-v1'}
const shortLived = {credentialDuration: '10h'}

describe('resolveCredentials', () => {
  test.each<[string, Parameters<typeof held>[0], {adopted: boolean; kubeconfig: string | undefined}]>([
    ['nothing is there yet', {}, {adopted: false, kubeconfig: undefined}],
    [
      'a token that Kubernetes has not filled in',
      {inWest: tokenSecret('istio-remote-token-east')},
      {adopted: false, kubeconfig: undefined},
    ],
    ['our token', {inWest: tokenSecret('istio-remote-token-east', 't')}, {adopted: false, kubeconfig: kubeconfig('t')}],
    [
      'the shared token, bundled',
      {
        raw: {credentials: 'bundled'},
        inWest: tokenSecret('istio-reader-service-account-istio-remote-secret-token', 't'),
      },
      {adopted: false, kubeconfig: kubeconfig('t')},
    ],
    [
      "others' credential that works is adopted byte for byte",
      {inEast: [remoteSecret('x', {west: `# by hand\n${kubeconfig('theirs')}`})], accepts: ['theirs']},
      {adopted: true, kubeconfig: `# by hand\n${kubeconfig('theirs')}`},
    ],
    [
      "others' credential that no longer works is not",
      {inEast: [remoteSecret('x', {west: kubeconfig('theirs')})], inWest: tokenSecret('istio-remote-token-east', 't')},
      {adopted: false, kubeconfig: kubeconfig('t')},
    ],
    [
      'nor one for another address',
      {inEast: [remoteSecret('x', {west: kubeconfig('theirs', {server: 'https://other'})})], accepts: ['theirs']},
      {adopted: false, kubeconfig: undefined},
    ],
    ['nor what is no kubeconfig', {inEast: [remoteSecret('x', {west: '{'})]}, {adopted: false, kubeconfig: undefined}],
    [
      'a short-lived one with more than half its life left is kept',
      {
        raw: shortLived,
        inEast: [remoteSecret('x', {west: kubeconfig(jwt(6, 'uid-1'))}, ours)],
        inWest: tokenSecret('istio-remote-bound-token-east'),
        mint: true,
      },
      {adopted: false, kubeconfig: kubeconfig(jwt(6, 'uid-1'))},
    ],
    [
      '… with less it is renewed',
      {
        raw: shortLived,
        inEast: [remoteSecret('x', {west: kubeconfig(jwt(4, 'uid-1'))}, ours)],
        inWest: tokenSecret('istio-remote-bound-token-east'),
        mint: true,
      },
      {adopted: false, kubeconfig: kubeconfig('minted')},
    ],
    [
      '… and bound to a Secret that is gone, too',
      {
        raw: shortLived,
        inEast: [remoteSecret('x', {west: kubeconfig(jwt(9, 'uid-0'))}, ours)],
        inWest: tokenSecret('istio-remote-bound-token-east'),
        mint: true,
      },
      {adopted: false, kubeconfig: kubeconfig('minted')},
    ],
    [
      'a plan mints nothing',
      {
        raw: shortLived,
        inEast: [remoteSecret('x', {west: kubeconfig(jwt(4, 'uid-1'))}, ours)],
        inWest: tokenSecret('istio-remote-bound-token-east'),
      },
      {adopted: false, kubeconfig: undefined},
    ],
    [
      'nothing is minted without the Secret to bind to',
      {raw: shortLived, mint: true},
      {adopted: false, kubeconfig: undefined},
    ],
  ])('%s', async (_, options, expected) => {
    const {adopted, kubeconfig: text, asked} = await held(options)
    expect({adopted, kubeconfig: text}).toEqual(expected)
    if (!options.mint) expect(asked.filter(path => path.endsWith('/token'))).toEqual([])
  })

  test('keys of the bundle for clusters outside this run are kept', async () => {
    const bundle = remoteSecret('istio-remote-secrets', {west: 'a', far: 'b'}, ours)
    expect((await held({inEast: [bundle], raw: {credentials: 'bundled'}})).keeps).toEqual(['far'])
    expect((await held({inEast: [remoteSecret('x', {far: 'b'})]})).keeps).toEqual([])
  })

  test('without clusters to ask nothing is known', async () => {
    const spec = readSpec(federationFields, {contexts: 'east,west'})
    const all = ['east', 'west'].map(name => ({...member(name), facts: undefined, server: undefined}))
    const {holds} = (await resolveCredentials(spec, all, now, false)).get('east')!
    expect(holds).toEqual([{target: 'west', kubeconfig: undefined, adopted: false}])
  })
})

describe('claimsOf', () => {
  test('what a token says', () =>
    expect(claimsOf(jwt(1, 'u'))).toMatchObject({
      issued: new Date(1000),
      expires: new Date(now.getTime() + hour),
      boundUid: 'u',
    }))

  test('any other text says nothing, and never throws', () => {
    const token = fc.oneof(
      oddText,
      fc.json().map(text => `a.${Buffer.from(text).toString('base64url')}.b`),
    )
    fc.assert(
      fc.property(token, text => {
        expect(Object.keys(claimsOf(text))).toEqual(expect.arrayContaining(['issued', 'expires', 'boundUid']))
      }),
    )
  })
})

describe('accessIn', () => {
  test('address and token', () =>
    expect(accessIn(kubeconfig('t'))).toEqual({server: 'https://west.example:6443', token: 't'}))

  test('any text: an answer or none, never an exception', () => {
    const text = fc.oneof(
      oddText,
      fc.json(),
      fc.jsonValue().map(value => JSON.stringify({clusters: value, users: [value]})),
    )
    fc.assert(
      fc.property(text, kubeconfigText => {
        const access = accessIn(kubeconfigText)
        expect(access === undefined || typeof access === 'object').toBe(true)
      }),
    )
  })
})
