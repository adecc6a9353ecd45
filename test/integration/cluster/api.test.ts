import {expect, it} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {ConflictError} from '../../../src/engine/cluster/errors.ts'
import {createResources} from '../../../src/engine/cluster/resources.ts'
import {waitFor} from '../../../src/engine/cluster/wait.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {configMap, describeServer, fieldManager, namespace} from './connections.ts'

const entryKind = {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'}

describeServer('requests to an API server', connections => {
  it('has the properties of its kubeconfig', () => {
    const {east} = connections
    expect(east).toMatchObject({context: 'east', namespace: 'default', tlsServerName: undefined})
    expect(east.certificateAuthority).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })

  it('applies, reads, patches and deletes an object', async () => {
    const {east} = connections
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'whole-life'}
    expect(await east.get(ref)).toBeUndefined()
    const dry = await east.apply(configMap('whole-life', {a: '1'}), {dryRun: true})
    expect(dry.data).toEqual({a: '1'})
    expect(await east.get(ref)).toBeUndefined()
    const created = await east.apply(configMap('whole-life', {a: '1'}))
    expect(created.metadata.managedFields).toMatchObject([{manager: fieldManager, operation: 'Apply'}])
    const {resourceVersion, uid} = created.metadata
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

  it('reports fields with their owners, and takes them over with force', async () => {
    const {kubeconfig, east} = connections
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
})

describeServer('fields of an object', connections => {
  it('preserves every field through get and apply', async () => {
    const {east} = connections
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
    // A kind outside our table needs API discovery, and the server may not serve it yet.
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
    const second = await east.apply({...rest, metadata: kept} as KubernetesObject)
    expect(second.spec).toEqual(thing.spec)
    expect(second.metadata.resourceVersion).toBe(metadata.resourceVersion)
  })
})

describeServer('field validation', connections => {
  it('rejects unknown fields', async () => {
    const {east, proxy, through} = connections
    const object = {...configMap('strict', {}), futureField: 1}
    proxy.decide = () => 'pass'
    const before = proxy.requests.length
    await expect(through.apply(object)).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('futureField'),
    })
    // The server responds with 500, which must not be retried here.
    expect(proxy.requests).toHaveLength(before + 1)
    const patch = {data: {}, futureField: 1}
    await east.apply(configMap('strict', {}))
    await expect(east.patch({...object, namespace, name: 'strict'}, patch)).rejects.toThrow(/futureField/)
  })
})

describeServer('kinds and names', connections => {
  it('handles a missing object, kind and group', async () => {
    const {east} = connections
    const nothing = {apiVersion: 'nothing.example.test/v9', kind: 'Nothing', namespace, name: 'x'}
    expect(await east.get(nothing)).toBeUndefined()
    expect(await east.list(nothing)).toEqual([])
    expect(await east.delete(nothing)).toBe(false)
    await expect(east.apply({...nothing, metadata: {namespace, name: 'x'}})).rejects.toMatchObject({
      status: 404,
      message: 'the API server has no kind Nothing in nothing.example.test/v9',
    })
    // In our table, but not on this server.
    expect(await east.list({apiVersion: 'sailoperator.io/v1', kind: 'Istio'})).toEqual([])
    expect(await east.list(entryKind, {namespace: 'no-such-namespace'})).toEqual([])
  })

  it('has the same paths in its table of kinds as the server', async () => {
    const {east} = connections
    const groups = (await east.read('/apis')) as {groups: {versions: {groupVersion: string}[]}[]}
    const versions = groups.groups.flatMap(group => group.versions.map(({groupVersion}) => groupVersion))
    const table = createResources(async () => undefined)
    let known = 0
    for (const apiVersion of ['v1', ...versions]) {
      const path = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
      // Another test file may just have deleted the last definition of a group.
      const {resources} = (await east.read(path).catch(() => ({resources: []}))) as {
        resources: {name: string; kind: string; namespaced: boolean}[]
      }
      for (const {name, kind, namespaced} of resources.filter(({name}) => !name.includes('/'))) {
        const found = await table.find({apiVersion, kind})
        if (found) expect({kind, ...found}).toEqual({kind, plural: name, namespaced})
        if (found) known++
      }
    }
    expect(known).toBeGreaterThan(50)
  })

  it('preserves the case of names and encodes them', async () => {
    const {east} = connections
    const ref = {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'System:Foo%2f?'}
    // Names of roles are path segments, so they contain no / and no %.
    await expect(east.apply({...ref, metadata: {name: ref.name}, rules: []})).rejects.toMatchObject({status: 400})
    const fine = {...ref, name: 'System:Foo bar'}
    await east.apply({apiVersion: ref.apiVersion, kind: ref.kind, metadata: {name: fine.name}, rules: []})
    expect((await east.get(fine))?.metadata.name).toBe('System:Foo bar')
    expect(await east.delete(fine)).toBe(true)
  })

  it('does not guess a namespace', async () => {
    const {east} = connections
    await expect(east.get({apiVersion: 'v1', kind: 'Secret', name: 'x'})).rejects.toThrow('needs a namespace')
  })
})
