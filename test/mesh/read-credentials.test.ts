import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {partOfLabel} from '../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {federationFields} from '../../src/features/federate/spec.ts'
import {remoteKubeconfig} from '../../src/mesh/objects-remote-secret.ts'
import {resolveCredentials} from '../../src/mesh/read-credentials.ts'
import {readSpec} from '../../src/spec/read.ts'
import {facts, member, remoteSecret} from './samples.ts'

const now = new Date(Date.UTC(2030, 0, 1))
const hour = 3_600_000

/** Returns a token with its expiry and the Secret that it is bound to. */
function jwt(hoursLeft: number, uid: string): string {
  const claims = {iat: 1, exp: (now.getTime() + hoursLeft * hour) / 1000, 'kubernetes.io': {secret: {uid}}}
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
}

/** The API server of `west`, which accepts some tokens and issues new ones. */
function west(accepts: string[] = []) {
  const requests: string[] = []
  const cluster = {
    ...facts('west').cluster,
    create: async (path: string, body: {spec: {token?: string}}) => {
      requests.push(path)
      if (path.endsWith('/token')) return {status: {token: 'minted', expirationTimestamp: now.toISOString()}}
      return {status: {authenticated: accepts.includes(body.spec.token ?? '')}}
    },
  } as unknown as Cluster
  return {cluster, requests}
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

/** Returns the credential that east holds for west. */
async function held(options: {
  raw?: object
  inEast?: KubernetesObject[]
  inWest?: KubernetesObject
  accepts?: string[]
  mint?: boolean
  /** The record lists none of the Secrets, whatever their labels. */
  forged?: boolean
}) {
  const {inEast = []} = options
  const created = options.forged ? [] : inEast.filter(({metadata}) => metadata.labels?.[partOfLabel])
  const {cluster, requests} = west(options.accepts)
  const spec = readSpec(federationFields, {contexts: 'east,west', ...options.raw})
  const secrets = options.inWest ? [[options.inWest.metadata.name, options.inWest] as const] : []
  const all = [
    member('east', {remoteSecrets: inEast, created}, options.raw),
    member('west', {cluster, tokenSecrets: new Map(secrets)}, options.raw),
  ]
  const found = (await resolveCredentials(spec, all, now, options.mint ?? false)).get('east')!
  return {...found.holds[0]!, keeps: found.keepsInBundle.map(({target}) => target), requests}
}

const ours = {[partOfLabel]: 'applyset-x-v1'}
const shortLived = {credentialDuration: '10h'}

type Case = [string, Parameters<typeof held>[0], {adopted: boolean; kubeconfig: string | undefined}]

/** Credentials whose token works, but that istiod rejects or uses in an unsafe way. */
const hostile: [string, string][] = [
  ['a plugin', kubeconfig('theirs').replace('token: theirs', 'token: theirs\n    exec: {command: /bin/sh}')],
  ['a file', kubeconfig('theirs').replace('token: theirs', 'token: theirs\n    tokenFile: /etc/token')],
  ['a server that is not verified', insertIntoCluster('insecure-skip-tls-verify: true')],
  ['a proxy', insertIntoCluster('proxy-url: http://evil.example:3128')],
]

function insertIntoCluster(line: string): string {
  return kubeconfig('theirs').replace('server: https', `${line}\n    server: https`)
}

const cases: Case[] = [
  ['no token yet', {}, {adopted: false, kubeconfig: undefined}],
  [
    'a Secret without its token yet',
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
    'a working credential of another owner is adopted byte for byte',
    {inEast: [remoteSecret('x', {west: `# by hand\n${kubeconfig('theirs')}`})], accepts: ['theirs']},
    {adopted: true, kubeconfig: `# by hand\n${kubeconfig('theirs')}`},
  ],
  [
    'a credential of another owner that no longer works is replaced',
    {inEast: [remoteSecret('x', {west: kubeconfig('theirs')})], inWest: tokenSecret('istio-remote-token-east', 't')},
    {adopted: false, kubeconfig: kubeconfig('t')},
  ],
  [
    'a credential for another address is not adopted',
    {inEast: [remoteSecret('x', {west: kubeconfig('theirs', {server: 'https://other'})})], accepts: ['theirs']},
    {adopted: false, kubeconfig: undefined},
  ],
  ...hostile.map(
    ([what, text]): Case => [
      `a working credential with ${what} is not adopted, and ours stays`,
      {
        inEast: [remoteSecret('a', {west: text}), remoteSecret('b', {west: kubeconfig('t')}, ours)],
        inWest: tokenSecret('istio-remote-token-east', 't'),
        accepts: ['theirs'],
      },
      {adopted: false, kubeconfig: kubeconfig('t')},
    ],
  ),
  [
    'a label does not make a credential ours',
    {
      forged: true,
      inEast: [remoteSecret('x', {west: kubeconfig('theirs')}, ours)],
      inWest: tokenSecret('istio-remote-token-east', 't'),
      accepts: ['theirs'],
    },
    {adopted: true, kubeconfig: kubeconfig('theirs')},
  ],
  [
    'a text that is not a kubeconfig is not adopted',
    {inEast: [remoteSecret('x', {west: '{'})]},
    {adopted: false, kubeconfig: undefined},
  ],
]

const shortLivedCases: Case[] = [
  [
    'our short-lived token stays beside a Secret that is not adopted',
    {
      raw: shortLived,
      inEast: [
        remoteSecret('a', {west: insertIntoCluster('proxy-url: http://evil.example')}),
        remoteSecret('x', {west: kubeconfig(jwt(6, 'uid-1'))}, ours),
      ],
      inWest: tokenSecret('istio-remote-bound-token-east'),
      accepts: ['theirs'],
    },
    {adopted: false, kubeconfig: kubeconfig(jwt(6, 'uid-1'))},
  ],
  [
    'a short-lived token with more than half of its lifetime left is kept',
    {
      raw: shortLived,
      inEast: [remoteSecret('x', {west: kubeconfig(jwt(6, 'uid-1'))}, ours)],
      inWest: tokenSecret('istio-remote-bound-token-east'),
      mint: true,
    },
    {adopted: false, kubeconfig: kubeconfig(jwt(6, 'uid-1'))},
  ],
  [
    'a short-lived token with less than half of its lifetime left is renewed',
    {
      raw: shortLived,
      inEast: [remoteSecret('x', {west: kubeconfig(jwt(4, 'uid-1'))}, ours)],
      inWest: tokenSecret('istio-remote-bound-token-east'),
      mint: true,
    },
    {adopted: false, kubeconfig: kubeconfig('minted')},
  ],
  [
    'a short-lived token is renewed if its Secret no longer exists',
    {
      raw: shortLived,
      inEast: [remoteSecret('x', {west: kubeconfig(jwt(9, 'uid-0'))}, ours)],
      inWest: tokenSecret('istio-remote-bound-token-east'),
      mint: true,
    },
    {adopted: false, kubeconfig: kubeconfig('minted')},
  ],
  [
    'a plan requests no tokens',
    {
      raw: shortLived,
      inEast: [remoteSecret('x', {west: kubeconfig(jwt(4, 'uid-1'))}, ours)],
      inWest: tokenSecret('istio-remote-bound-token-east'),
    },
    {adopted: false, kubeconfig: undefined},
  ],
  [
    'no token is requested without the Secret to bind it to',
    {raw: shortLived, mint: true},
    {adopted: false, kubeconfig: undefined},
  ],
]

describe('resolveCredentials', () => {
  test.each([...cases, ...shortLivedCases])('%s', async (_, options, expected) => {
    const {adopted, kubeconfig: text, requests} = await held(options)
    expect({adopted, kubeconfig: text}).toEqual(expected)
    if (!options.mint) expect(requests.filter(path => path.endsWith('/token'))).toEqual([])
  })

  test('keys of the bundled Secret for clusters outside this run are preserved', async () => {
    const bundle = remoteSecret('istio-remote-secrets', {west: 'a', far: 'b'}, ours)
    expect((await held({inEast: [bundle], raw: {credentials: 'bundled'}})).keeps).toEqual(['far'])
    expect((await held({inEast: [remoteSecret('x', {far: 'b'})]})).keeps).toEqual([])
  })

  test('without facts no credential is known', async () => {
    const spec = readSpec(federationFields, {contexts: 'east,west'})
    const all = ['east', 'west'].map(name => ({...member(name), facts: undefined, server: undefined}))
    const {holds} = (await resolveCredentials(spec, all, now, false)).get('east')!
    expect(holds).toEqual([{target: 'west', kubeconfig: undefined, adopted: false}])
  })
})
