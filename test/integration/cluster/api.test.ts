import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {connectAll, eachCluster} from '../../../src/engine/cluster/all.ts'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {ApiError, ConflictError, UnreachableError} from '../../../src/engine/cluster/errors.ts'
import {createResources} from '../../../src/engine/cluster/resources.ts'
import {checkAccountRights, checkRights} from '../../../src/engine/cluster/rights.ts'
import {requestToken, reviewToken} from '../../../src/engine/cluster/tokens.ts'
import {TimeoutError, waitFor} from '../../../src/engine/cluster/wait.ts'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'

const servers = inject('servers')
const fieldManager = 'kubectl-mesh'
const namespace = 'cluster-api'

function configMap(name: string, data: Record<string, string>): KubernetesObject {
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace, name}, data}
}

function serviceEntry(name: string): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {namespace, name},
    spec: {
      hosts: [`${name}.sample.global`],
      location: 'MESH_INTERNAL',
      ports: [{number: 5000, name: 'http', protocol: 'HTTP'}],
      resolution: 'STATIC',
      endpoints: [{address: '203.0.113.12', ports: {http: 15443}}],
    },
  }
}

const entryKind = {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'}

describe.skipIf(!servers)('a real API server', () => {
  let kubeconfig: Kubeconfig
  let east: Cluster
  let proxy: FaultProxy
  let through: Cluster

  beforeAll(async () => {
    kubeconfig = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
    east = await connectCluster(kubeconfig, 'east', {fieldManager})
    await east.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    proxy = await startFaultProxy({upstream: {kubeconfig: servers!.kubeconfig, context: 'east'}})
    through = await connectCluster(loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}}), 'east', {fieldManager})
  })
  afterAll(async () => {
    through?.close()
    await proxy?.close()
    east?.close()
  })

  it('tells what the kubeconfig says about it', () => {
    expect(east).toMatchObject({context: 'east', namespace: 'default', tlsServerName: undefined})
    expect(east.certificateAuthority).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })

  it('applies, reads, patches and deletes an object', async () => {
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'whole-life'}
    expect(await east.get(ref)).toBeUndefined()
    const dry = await east.apply(configMap('whole-life', {a: '1'}), {dryRun: true})
    expect(dry.data).toEqual({a: '1'})
    expect(await east.get(ref)).toBeUndefined()
    const made = await east.apply(configMap('whole-life', {a: '1'}))
    expect(made.metadata.managedFields).toMatchObject([{manager: fieldManager, operation: 'Apply'}])
    const {resourceVersion, uid} = made.metadata
    await east.patch(ref, {metadata: {resourceVersion}, data: {b: '2'}})
    await expect(east.patch(ref, {metadata: {resourceVersion}, data: {b: '3'}})).rejects.toMatchObject({
      name: 'ApiError',
      status: 409,
    })
    expect(await east.get(ref)).toMatchObject({data: {a: '1', b: '2'}})
    await expect(east.delete(ref, {uid: 'another'})).rejects.toMatchObject({status: 409})
    expect(await east.delete(ref, {uid: uid!, dryRun: true})).toBe(true)
    expect(await east.delete(ref, {uid: uid!})).toBe(true)
    expect(await east.delete(ref)).toBe(false)
  })

  it('names who owns a field and which one, and takes it over with force', async () => {
    const other = await connectCluster(kubeconfig, 'east', {fieldManager: 'an "odd" one'})
    await other.apply(configMap('owned', {a: '1', b: '1'}))
    other.close()
    const error = await east.apply(configMap('owned', {a: '2', b: '2'})).catch(error => error)
    expect(error).toBeInstanceOf(ConflictError)
    expect(error).toMatchObject({
      status: 409,
      ref: {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'owned'},
      conflicts: [
        {field: '.data.a', manager: 'an "odd" one'},
        {field: '.data.b', manager: 'an "odd" one'},
      ],
    })
    expect((await east.apply(configMap('owned', {a: '2', b: '2'}), {force: true})).data).toEqual({a: '2', b: '2'})
  })

  it('refuses fields that the server does not know', async () => {
    const object = {...configMap('strict', {}), futureField: 1}
    proxy.decide = () => 'pass'
    const before = proxy.requests.length
    await expect(through.apply(object)).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('futureField'),
    })
    // The server answers 500, which is not worth another try here.
    expect(proxy.requests).toHaveLength(before + 1)
    const patch = {data: {}, futureField: 1}
    await east.apply(configMap('strict', {}))
    await expect(east.patch({...object, namespace, name: 'strict'}, patch)).rejects.toThrow(/futureField/)
  })

  it('keeps every field through get and apply', async () => {
    const kind = {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition'}
    const ref = {...kind, name: 'things.example.test'}
    await east.apply({
      ...kind,
      metadata: {name: ref.name},
      spec: {
        group: 'example.test',
        names: {kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList'},
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {openAPIV3Schema: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true}},
          },
        ],
      },
    })
    await waitFor(east, ref, crd => (JSON.stringify(crd?.status ?? '').includes('Established') ? true : 'not yet'), {
      timeoutMs: 20_000,
    })
    const thing = {
      apiVersion: 'example.test/v1',
      kind: 'Thing',
      metadata: {namespace, name: 'x', annotations: {'example.test/odd': '"é\n'}},
      spec: {futureField: {at: '2026-01-01T00:00:00.000Z', big: 9007199254740991, list: [1, 'y', null, {}]}, empty: {}},
    }
    // A kind outside our table: the server is asked for its path, and may not know it yet.
    await expect
      .poll(
        () =>
          east.apply(thing).then(
            () => true,
            () => false,
          ),
        {timeout: 20_000},
      )
      .toBe(true)
    const {metadata, ...rest} = (await east.get({apiVersion: thing.apiVersion, kind: 'Thing', namespace, name: 'x'}))!
    expect(rest.spec).toEqual(thing.spec)
    const {managedFields, ...kept} = metadata
    expect(managedFields).toHaveLength(1)
    const again = await east.apply({...rest, metadata: kept} as KubernetesObject)
    expect(again.spec).toEqual(thing.spec)
    expect(again.metadata.resourceVersion).toBe(metadata.resourceVersion)
  })

  it('knows what is not there: an object, a kind, a group', async () => {
    const nothing = {apiVersion: 'nothing.example.test/v9', kind: 'Nothing', namespace, name: 'x'}
    expect(await east.get(nothing)).toBeUndefined()
    expect(await east.list(nothing)).toEqual([])
    expect(await east.delete(nothing)).toBe(false)
    await expect(east.apply({...nothing, metadata: {namespace, name: 'x'}})).rejects.toMatchObject({
      status: 404,
      message: 'the server does not know the kind Nothing of nothing.example.test/v9',
    })
    // Known to us, not to this server.
    expect(await east.list({apiVersion: 'sailoperator.io/v1', kind: 'Istio'})).toEqual([])
    expect(await east.list(entryKind, {namespace: 'no-such-namespace'})).toEqual([])
  })

  it('has the paths of the kinds it knows from the server', async () => {
    const groups = (await east.read('/apis')) as {groups: {versions: {groupVersion: string}[]}[]}
    const versions = groups.groups.flatMap(group => group.versions.map(({groupVersion}) => groupVersion))
    const table = createResources(async () => undefined)
    let known = 0
    for (const apiVersion of ['v1', ...versions]) {
      const path = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
      const {resources} = (await east.read(path)) as {resources: {name: string; kind: string; namespaced: boolean}[]}
      for (const {name, kind, namespaced} of resources.filter(({name}) => !name.includes('/'))) {
        const found = await table.find({apiVersion, kind})
        if (found) expect({kind, ...found}).toEqual({kind, plural: name, namespaced})
        if (found) known++
      }
    }
    expect(known).toBeGreaterThan(50)
  })

  it('keeps the case of names and encodes them', async () => {
    const ref = {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'System:Foo%2f?'}
    // Names of roles are path segments: no / and no %.
    await expect(east.apply({...ref, metadata: {name: ref.name}, rules: []})).rejects.toMatchObject({status: 400})
    const fine = {...ref, name: 'System:Foo bar'}
    await east.apply({apiVersion: ref.apiVersion, kind: ref.kind, metadata: {name: fine.name}, rules: []})
    expect((await east.get(fine))?.metadata.name).toBe('System:Foo bar')
    expect(await east.delete(fine)).toBe(true)
  })

  it('refuses to guess a namespace', async () => {
    await expect(east.get({apiVersion: 'v1', kind: 'Secret', name: 'x'})).rejects.toThrow('needs a namespace')
  })

  it('applies 1,000 ServiceEntries over at most 16 connections and lists them in pages', async () => {
    const before = proxy.handshakes
    const started = performance.now()
    await Promise.all(Array.from({length: 1000}, (_, i) => through.apply(serviceEntry(`se-${i}`))))
    const took = performance.now() - started
    expect(proxy.handshakes - before).toBeLessThanOrEqual(16)
    const seen = proxy.requests.length
    const entries = await through.list(entryKind, {namespace})
    expect(entries).toHaveLength(1000)
    expect(entries[0]).toMatchObject(entryKind)
    expect(proxy.requests.slice(seen).map(({method}) => method)).toEqual(['GET', 'GET'])
    expect((await through.list(entryKind, {namespace, fieldSelector: 'metadata.name=se-7'})).length).toBe(1)
    process.stderr.write(`1,000 applies through the proxy: ${Math.round(took)} ms\n`)
  })

  it('starts again without pages when the snapshot of a list is gone', async () => {
    let gone = true
    proxy.decide = ({url}) => {
      if (!gone || !url.includes('continue=')) return 'pass'
      gone = false
      return {
        status: 410,
        body: {kind: 'Status', reason: 'Expired', message: 'The provided continue parameter is too old'},
      }
    }
    const entries = await through.list(entryKind, {namespace})
    proxy.decide = () => 'pass'
    expect(gone).toBe(false)
    expect(new Set(entries.map(({metadata}) => metadata.name)).size).toBe(1000)
    expect(entries).toHaveLength(1000)
  })

  it('lands an apply whose answer was lost, cut or refused, once', async () => {
    for (const fault of ['lose-answer', 'cut', 'reset', {status: 500}] as const) {
      let left = 2
      proxy.decide = () => (left-- > 0 ? fault : 'pass')
      const made = await through.apply(configMap('faulty', {fault: JSON.stringify(fault)}))
      expect(made).toMatchObject({data: {fault: JSON.stringify(fault)}})
      expect(left).toBe(-1)
    }
    proxy.decide = () => 'pass'
  })

  it('goes on after all connections were broken', async () => {
    await through.read('/version')
    proxy.breakAll()
    await expect(through.read('/version')).resolves.toHaveProperty('gitVersion')
  })

  it('checks rights: ours, and those of an account', async () => {
    const rights = [
      {verb: 'get', group: '', resource: 'secrets', namespace},
      {verb: 'create', group: '', resource: 'serviceaccounts/token', namespace},
      {verb: 'patch', group: 'networking.istio.io', resource: 'gateways'},
    ]
    expect(await checkRights(east, rights)).toEqual([])
    const jane = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'jane'})
    expect(await checkRights(jane, rights)).toEqual(rights)
    jane.close()
    await east.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: {namespace, name: 'reader'},
      rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get']}],
    })
    await east.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: {namespace, name: 'reader'},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader'},
      // Through a group that only the account's namespace has.
      subjects: [{kind: 'Group', name: `system:serviceaccounts:${namespace}`, apiGroup: 'rbac.authorization.k8s.io'}],
    })
    const account = `system:serviceaccount:${namespace}:reader`
    await expect.poll(() => checkAccountRights(east, account, rights), {timeout: 10_000}).toEqual(rights.slice(1))
    expect(await checkAccountRights(east, 'system:serviceaccount:default:reader', rights)).toEqual(rights)
  })

  it('impersonates a user and groups', async () => {
    const jane = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'jane', asGroups: ['dev', 'ops']})
    const review = await jane.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    })
    jane.close()
    expect(review.status).toMatchObject({
      userInfo: {username: 'jane', groups: expect.arrayContaining(['dev', 'ops'])},
    })
    const masters = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'x', asGroups: ['system:masters']})
    expect(await masters.list({apiVersion: 'v1', kind: 'Namespace'})).not.toEqual([])
    masters.close()
  })

  it('gets a bound token that the server takes until its Secret is gone', async () => {
    await east.apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {namespace, name: 'reader'}})
    const secret = await east.apply({apiVersion: 'v1', kind: 'Secret', metadata: {namespace, name: 'bound'}})
    const {token, expires} = await requestToken(east, {
      namespace,
      serviceAccount: 'reader',
      durationSeconds: 3600,
      boundSecret: {name: 'bound', uid: secret.metadata.uid!},
    })
    expect(expires.getTime() - Date.now()).toBeGreaterThan(3_000_000)
    expect(await reviewToken(east, token)).toBe(true)
    expect(await reviewToken(east, `${token}x`)).toBe(false)
    await east.delete({apiVersion: 'v1', kind: 'Secret', namespace, name: 'bound'})
    await expect.poll(() => reviewToken(east, token), {timeout: 15_000}).toBe(false)
    await expect(
      requestToken(east, {namespace, serviceAccount: 'nobody', durationSeconds: 3600}),
    ).rejects.toMatchObject({status: 404})
  })

  it('waits for an object, telling why, also while the server is away', async () => {
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'awaited'}
    const reasons: string[] = []
    proxy.decide = () => ({status: 503, headers: {'retry-after': '600'}})
    const waiting = waitFor(through, ref, object => (object?.data ? true : 'no data yet'), {
      timeoutMs: 30_000,
      onProgress: reason => {
        reasons.push(reason)
        if (reasons.length === 1) proxy.decide = () => 'pass'
        else if (reasons.length === 2) void east.apply(configMap('awaited', {a: '1'}))
      },
    })
    await expect(waiting).resolves.toMatchObject({data: {a: '1'}})
    expect(reasons[0]).toBe('the API server answered 503')
    expect(reasons[1]).toBe('no data yet')
  })

  it('ends to wait: in time, when told to, and at once without the right to read', async () => {
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'never'}
    const timedOut = await waitFor(east, ref, () => 'no address', {timeoutMs: 600}).catch(error => error)
    expect(timedOut).toBeInstanceOf(TimeoutError)
    expect(timedOut).toMatchObject({reason: 'no address', exit: 3, message: expect.stringContaining('configmap/never')})
    proxy.decide = () => 'hang'
    await expect(waitFor(through, ref, () => true, {timeoutMs: 300})).rejects.toMatchObject({reason: 'no answer yet'})
    proxy.decide = () => 'pass'
    const stop = new AbortController()
    const stopped = waitFor(east, ref, () => 'never', {timeoutMs: 60_000, signal: stop.signal})
    stop.abort(new Error('Ctrl-C'))
    await expect(stopped).rejects.toThrow('Ctrl-C')
    const jane = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'jane'})
    await expect(waitFor(jane, ref, () => true, {timeoutMs: 60_000})).rejects.toMatchObject({status: 403})
    jane.close()
  })

  it('works in all clusters side by side, whichever fails', async () => {
    const connected = await connectAll(kubeconfig, ['east', 'nope', 'west'], {fieldManager})
    expect(connected.map(outcome => ('error' in outcome ? 'failed' : outcome.value.context))).toEqual([
      'east',
      'failed',
      'west',
    ])
    const dead = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
    dead.clusters.get('west')!.value.server = 'https://127.0.0.1:1'
    const west = await connectCluster(dead, 'west', {fieldManager})
    const results = await eachCluster([west, east], cluster => cluster.read('/version'))
    expect(results[0]).toMatchObject({context: 'west', error: expect.any(UnreachableError)})
    expect(results[1]).toMatchObject({context: 'east', value: {major: '1'}})
    for (const outcome of connected) if ('value' in outcome) outcome.value.close()
    west.close()
  })

  it('tells a wrong token', async () => {
    const wrong = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
    const {value} = wrong.users.get('east')!
    Object.assign(value, {clientCertificateData: undefined, clientKeyData: undefined, token: 'wrong'})
    const cluster = await connectCluster(wrong, 'east', {fieldManager})
    const error: unknown = await cluster.read('/version').catch(error => error)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({status: 401})
    cluster.close()
  })
})
