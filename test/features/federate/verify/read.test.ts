import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../../../src/engine/cluster/cluster.ts'
import {ApiError} from '../../../../src/engine/cluster/errors.ts'
import type {KubernetesObject, ObjectKind} from '../../../../src/engine/kubernetes/object.ts'
import {readSeenCluster} from '../../../../src/features/federate/verify/read.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import type {MeshMember} from '../../../../src/mesh/members.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {buildServiceImport} from '../../../../src/mesh/services/objects.ts'
import {facts, member, remoteSecret} from '../../../mesh/samples.ts'

const where = {systemNamespace: 'istio-system', revision: undefined, gateways: false}

interface Says {
  pods?: KubernetesObject[]
  page?: (path: string) => {status: number; body: string}
  /** What it says to a token, or throws. */
  review?: (token: string) => boolean
  objects?: Record<string, KubernetesObject[]>
  certificateAuthority?: string
}

/** A cluster that answers from a script, and notes the tokens that it was shown. */
function scripted(name: string, says: Says = {}, more: Partial<FederationFacts> = {}) {
  const shown: string[] = []
  const selectors: (string | undefined)[] = []
  const cluster = {
    ...facts(name).cluster,
    certificateAuthority: says.certificateAuthority ?? `CA of ${name}\n`,
    list: async ({kind}: ObjectKind, options?: {labelSelector?: string}) => {
      if (kind === 'Pod') selectors.push(options?.labelSelector)
      return kind === 'Pod' ? (says.pods ?? []) : (says.objects?.[kind] ?? [])
    },
    create: async (_: string, {spec: {token}}: {spec: {token: string}}) => {
      shown.push(token)
      return {status: {authenticated: says.review?.(token) ?? true}}
    },
    pods: {read: async (_: object, port: number, path: string) => says.page?.(`${port}${path}`)},
  } as unknown as Cluster
  return {member: member(name, {cluster, ...more}), shown, selectors}
}

function kubeconfigFor(server: string, certificateAuthority: string, token = 't'): string {
  return remoteKubeconfig({target: 'x', server, certificateAuthority, tlsServerName: undefined, token})
}

/** What `east` holds, as it is seen. */
async function credentialsOf(held: Record<string, string>, others: readonly MeshMember[]) {
  const east = scripted('east', {}, {remoteSecrets: [remoteSecret('s', held)]}).member
  return (await readSeenCluster(east, [east, ...others], where, undefined)).credentials
}

describe('credentials', () => {
  test('asks the cluster that it leads to, by its address', async () => {
    const west = scripted('west')
    const held = {occident: kubeconfigFor('https://west.example:6443', 'another')}
    expect(await credentialsOf(held, [west.member])).toEqual([
      {key: 'occident', secret: 's', leadsTo: 'west', state: 'accepted'},
    ])
    expect(west.shown).toEqual(['t'])
  })

  test('by its authority, whatever its key is, and nobody else sees the token', async () => {
    const west = scripted('west', {review: () => false})
    const south = scripted('south')
    const held = {south: kubeconfigFor('https://10.0.0.1', 'CA of west\n')}
    expect(await credentialsOf(held, [west.member, south.member])).toEqual([
      {key: 'south', secret: 's', leadsTo: 'west', state: 'refused'},
    ])
    expect(south.shown).toEqual([])
  })

  test('an authority that several have says nothing: the key does', async () => {
    const west = scripted('west', {certificateAuthority: 'shared'})
    const south = scripted('south', {certificateAuthority: 'shared'})
    const held = {south: kubeconfigFor('https://10.0.0.1', 'shared')}
    expect(await credentialsOf(held, [west.member, south.member])).toMatchObject([{leadsTo: 'south'}])
    expect(west.shown).toEqual([])
  })

  test('one for a cluster that is not looked at is shown to nobody', async () => {
    const west = scripted('west')
    const held = {north: kubeconfigFor('https://10.0.0.1', 'other')}
    expect(await credentialsOf(held, [west.member])).toMatchObject([{leadsTo: undefined, state: 'unknown'}])
    expect(west.shown).toEqual([])
  })

  test('who may not review tokens does not know', async () => {
    const west = scripted('west', {
      review: () => {
        throw new ApiError(403, 'Forbidden', 'no')
      },
    })
    expect(await credentialsOf({west: kubeconfigFor('https://west.example:6443', 'x')}, [west.member])).toEqual([
      {key: 'west', secret: 's', leadsTo: 'west', state: 'unknown', why: 'you may not review tokens in west'},
    ])
  })

  test('another refusal is told of the cluster that refuses', async () => {
    const west = scripted('west', {
      review: () => {
        throw new ApiError(422, 'Invalid', 'no')
      },
    })
    const looked = credentialsOf({west: kubeconfigFor('https://west.example:6443', 'x')}, [west.member])
    await expect(looked).rejects.toThrow('west: no')
  })

  test('without a token, or no kubeconfig at all', async () => {
    const west = scripted('west')
    for (const text of ['users: []', '{'])
      expect(await credentialsOf({west: text}, [west.member])).toMatchObject([{leadsTo: 'west', state: 'unknown'}])
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
  const look = async (says: Says, revision?: string) => {
    const east = scripted('east', says)
    return {...(await readSeenCluster(east.member, [east.member], {...where, revision}, undefined)), ...east}
  }

  test('all that are ready, of the revision', async () => {
    const pods = [pod('a', 'True'), pod('b', 'False'), pod('c', 'True', {deletionTimestamp: '2030-01-01T00:00:00Z'})]
    const {istiods, selectors} = await look({pods, page: path => ({status: 200, body: pages[path] ?? ''})}, 'r1')
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
    [{status: 401, body: ''}, '/debug/clusterz answered 401'],
    [{status: 200, body: '{}'}, '/debug/clusterz is not a list'],
  ])('%j is told', async (answer, error) => {
    const {istiods} = await look({pods: [pod('a', 'True')], page: () => answer})
    expect(istiods).toEqual([{pod: 'a', error}])
  })
})

test('namespaces of the mesh by their labels; throw-away ones are none', async () => {
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
  const seen = await readSeenCluster(east, [east], where, undefined)
  expect([...seen.meshNamespaces]).toEqual(['a', 'c', 'd'])
  expect([...seen.namespaces]).toEqual(['a', 'b', 'c', 'd'])
  expect(seen.services).toEqual([{namespace: 'a', name: 's', ports: [':1/TCP', 'z:2/UDP']}])
})

test('in gateways mode: what others import, with the pods behind it', async () => {
  const object = (kind: string, name: string, namespace: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind,
    metadata: {name, namespace},
  })
  const asked: string[] = []
  const east = scripted('east', {
    objects: {Service: [object('Service', 'hello', 'sample'), object('Service', 'other', 'sample')]},
  }).member
  const {cluster} = east.facts!
  const {list} = cluster
  east.facts!.cluster = {
    ...cluster,
    list: async (kind, options) => {
      asked.push(`${kind.kind} ${options?.namespace ?? '*'}`)
      return list(kind, options)
    },
  }
  const exporter = {
    addresses: ['203.0.113.11'],
    port: 15443,
    network: 'n',
    identities: [],
    ports: [],
    clusterDomain: 'd',
  }
  const [, entry] = buildServiceImport(
    {cluster: 'west', systemNamespace: 'istio-system', revision: undefined},
    {name: 'hello', namespace: 'sample', exporters: {east: exporter}, addresses: []},
  ).map(change => change.object)
  const west = member('west', {imports: [entry!]})
  const gateways = {...where, gateways: true}
  const {exporting} = await readSeenCluster(east, [east, west], gateways, undefined)
  expect(exporting).toMatchObject({name: 'east', network: 'net-east', controlPlane: {cluster: 'east'}})
  expect(exporting?.services.map(({metadata}) => metadata.name)).toEqual(['hello'])
  expect(asked).toEqual(
    expect.arrayContaining(['Pod sample', 'WorkloadEntry sample', 'Gateway istio-system', 'Node *']),
  )
  expect((await readSeenCluster(east, [east, west], where, undefined)).exporting).toBeUndefined()
})
