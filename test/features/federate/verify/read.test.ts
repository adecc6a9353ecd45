import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../../../src/engine/cluster/cluster.ts'
import {ApiError} from '../../../../src/engine/cluster/errors.ts'
import type {KubernetesObject, ObjectKind} from '../../../../src/engine/kubernetes/object.ts'
import {observeCluster} from '../../../../src/features/federate/verify/read.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import type {MeshMember} from '../../../../src/mesh/members.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {buildServiceImport} from '../../../../src/mesh/services/objects.ts'
import {facts, member, remoteSecret} from '../../../mesh/samples.ts'

const scope = {systemNamespace: 'istio-system', gateways: false}

/** The responses of a cluster. */
interface Responses {
  pods?: KubernetesObject[]
  page?: (path: string) => {status: number; body: string}
  /** Whether it accepts a token, or throws. */
  review?: (token: string) => boolean
  objects?: Record<string, KubernetesObject[]>
  certificateAuthority?: string
}

/** A cluster with fixed responses that records the tokens that it reviews. */
function scripted(name: string, responses: Responses = {}, more: Partial<FederationFacts> = {}) {
  const reviewed: string[] = []
  const selectors: (string | undefined)[] = []
  const cluster = {
    ...facts(name).cluster,
    certificateAuthority: responses.certificateAuthority ?? `CA of ${name}\n`,
    list: async ({kind}: ObjectKind, options?: {labelSelector?: string}) => {
      if (kind === 'Pod') selectors.push(options?.labelSelector)
      return kind === 'Pod' ? (responses.pods ?? []) : (responses.objects?.[kind] ?? [])
    },
    create: async (_: string, {spec: {token}}: {spec: {token: string}}) => {
      reviewed.push(token)
      return {status: {authenticated: responses.review?.(token) ?? true}}
    },
    pods: {read: async (_: object, port: number, path: string) => responses.page?.(`${port}${path}`)},
  } as unknown as Cluster
  return {member: member(name, {cluster, ...more}), reviewed, selectors}
}

function kubeconfigFor(server: string, certificateAuthority: string, token = 't'): string {
  return remoteKubeconfig({target: 'x', server, certificateAuthority, tlsServerName: undefined, token})
}

/** The observed credentials of east. */
async function credentialsOf(held: Record<string, string>, others: readonly MeshMember[]) {
  const east = scripted('east', {}, {remoteSecrets: [remoteSecret('s', held)]}).member
  return (await observeCluster(east, [east, ...others], scope, undefined)).credentials
}

describe('credentials', () => {
  test('the cluster is found by the address of its API server', async () => {
    const west = scripted('west')
    const held = {occident: kubeconfigFor('https://west.example:6443', 'another')}
    const problems = ['trusts a certificate authority that west does not use']
    expect(await credentialsOf(held, [west.member])).toEqual([
      {key: 'occident', secret: 's', target: 'west', state: 'accepted', problems},
    ])
    expect(west.reviewed).toEqual(['t'])
  })

  test('the cluster is found by its CA, whatever the key is, and no other cluster gets the token', async () => {
    const west = scripted('west', {review: () => false})
    const south = scripted('south')
    const held = {south: kubeconfigFor('https://10.0.0.1', 'CA of west\n')}
    expect(await credentialsOf(held, [west.member, south.member])).toEqual([
      {key: 'south', secret: 's', target: 'west', state: 'refused'},
    ])
    expect(south.reviewed).toEqual([])
  })

  test('a CA of several clusters: the key decides', async () => {
    const west = scripted('west', {certificateAuthority: 'shared'})
    const south = scripted('south', {certificateAuthority: 'shared'})
    const held = {south: kubeconfigFor('https://10.0.0.1', 'shared')}
    expect(await credentialsOf(held, [west.member, south.member])).toMatchObject([{target: 'south'}])
    expect(west.reviewed).toEqual([])
  })

  test('no cluster gets the token for a cluster that is not verified', async () => {
    const west = scripted('west')
    const held = {north: kubeconfigFor('https://10.0.0.1', 'other')}
    expect(await credentialsOf(held, [west.member])).toMatchObject([{target: undefined, state: 'unknown'}])
    expect(west.reviewed).toEqual([])
  })

  test('without permission for TokenReviews, the state is unknown', async () => {
    const west = scripted('west', {
      review: () => {
        throw new ApiError(403, 'Forbidden', 'no')
      },
    })
    const held = {west: kubeconfigFor('https://west.example:6443', 'CA of west\n')}
    expect(await credentialsOf(held, [west.member])).toEqual([
      {
        key: 'west',
        secret: 's',
        target: 'west',
        state: 'unknown',
        why: 'you are not allowed to create TokenReviews in west',
      },
    ])
  })

  test('another error names the cluster that returned it', async () => {
    const west = scripted('west', {
      review: () => {
        throw new ApiError(422, 'Invalid', 'no')
      },
    })
    const reading = credentialsOf({west: kubeconfigFor('https://west.example:6443', 'x')}, [west.member])
    await expect(reading).rejects.toThrow('west: no')
  })

  test('a Secret without a token, or without a kubeconfig', async () => {
    const west = scripted('west')
    for (const text of ['users: []', '{'])
      expect(await credentialsOf({west: text}, [west.member])).toMatchObject([{target: 'west', state: 'unknown'}])
  })
})

describe('istiods', () => {
  const pod = (name: string, ready: string, more: object = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, namespace: 'istio-system', ...more},
    status: {conditions: [{type: 'Ready', status: ready}]},
  })
  const pages: Record<string, string> = {
    '8080/debug/clusterz': '[{"id":"east","secretName":"","syncStatus":"synced"}]',
    '8080/debug/networkz': 'null',
    '8080/debug/endpointz': '{}',
  }
  const observe = async (responses: Responses, revision?: string) => {
    const east = scripted('east', responses)
    const member = {...east.member, revision}
    return {...(await observeCluster(member, [member], scope, undefined)), ...east}
  }

  test('all ready pods of the revision', async () => {
    const pods = [pod('a', 'True'), pod('b', 'False'), pod('c', 'True', {deletionTimestamp: '2030-01-01T00:00:00Z'})]
    const {istiods, selectors} = await observe({pods, page: path => ({status: 200, body: pages[path] ?? ''})}, 'r1')
    expect(istiods).toEqual([
      {
        pod: 'a',
        clusters: [{id: 'east', secretName: '', syncStatus: 'synced'}],
        gateways: [],
        endpoints: new Map(),
        external: new Set(),
      },
    ])
    expect(selectors).toEqual(['app=istiod,istio.io/rev=r1'])
  })

  test.each([
    [{status: 401, body: ''}, '/debug/clusterz returned HTTP 401'],
    [{status: 200, body: '{}'}, '/debug/clusterz is not a list'],
  ])('%j is an error of the pod', async (answer, error) => {
    const {istiods} = await observe({pods: [pod('a', 'True')], page: () => answer})
    expect(istiods).toEqual([{pod: 'a', error}])
  })
})

test('mesh namespaces have one of the labels; temporary namespaces are left out', async () => {
  const namespace = (name: string, labels: Record<string, string>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name, labels},
  })
  const objects = {
    Namespace: [
      namespace('a', {'istio-injection': 'enabled'}),
      namespace('b', {'istio-injection': 'disabled'}),
      namespace('c', {'istio.io/rev': 'r1'}),
      namespace('d', {'istio.io/dataplane-mode': 'ambient'}),
      namespace('e', {'istio-injection': 'enabled', 'kubectl-mesh.io/federate-verify': 'throw-away'}),
    ],
    Service: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {name: 's', namespace: 'a'},
        spec: {ports: [{name: 'z', port: 2, protocol: 'UDP'}, {port: 1}]},
      },
    ],
  }
  const east = scripted('east', {objects}).member
  const observed = await observeCluster(east, [east], scope, undefined)
  expect([...observed.meshNamespaces]).toEqual(['a', 'c', 'd'])
  expect([...observed.namespaces]).toEqual(['a', 'b', 'c', 'd'])
  expect(observed.services).toEqual([{namespace: 'a', name: 's', ports: [':1/TCP', 'z:2/UDP']}])
})

test('in gateways mode: the services that other clusters import, with their pods', async () => {
  const object = (kind: string, name: string, namespace: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind,
    metadata: {name, namespace},
  })
  const listed: string[] = []
  const east = scripted('east', {
    objects: {Service: [object('Service', 'hello', 'sample'), object('Service', 'other', 'sample')]},
  }).member
  const {cluster} = east.facts!
  const {list} = cluster
  east.facts!.cluster = {
    ...cluster,
    list: async (kind, options) => {
      listed.push(`${kind.kind} ${options?.namespace ?? '*'}`)
      return list(kind, options)
    },
  }
  const exporter = {
    addresses: ['203.0.113.11'],
    port: 15443,
    network: 'n',
    identities: ['spiffe://cluster.local/ns/sample/sa/hello'],
    ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
    clusterDomain: 'd',
  }
  const [, entry] = buildServiceImport(
    {cluster: 'west', systemNamespace: 'istio-system', revision: undefined},
    {name: 'hello', namespace: 'sample', exporters: {east: exporter}, addresses: []},
  ).map(change => change.object)
  const west = member('west', {imports: [entry!]})
  const gateways = {...scope, gateways: true}
  const {exporting} = await observeCluster(east, [east, west], gateways, undefined)
  expect(exporting).toMatchObject({name: 'east', network: 'net-east', controlPlane: {cluster: 'east'}})
  expect(exporting?.services.map(({metadata}) => metadata.name)).toEqual(['hello'])
  expect(listed).toEqual(
    expect.arrayContaining(['Pod sample', 'WorkloadEntry sample', 'Gateway istio-system', 'Node *']),
  )
  expect((await observeCluster(east, [east, west], scope, undefined)).exporting).toBeUndefined()
})
