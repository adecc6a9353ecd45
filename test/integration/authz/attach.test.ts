import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {fakeControlPlane} from '../../support/fake/control-plane.ts'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {passAfter} from '../../support/servers/fault-proxy.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('mesh authz on a real API server', () => {
  let ground: Ground
  let one: GroundCluster
  let namespace: string

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1)})
    one = ground.clusters[0]!
    namespace = `${ground.namespace}-authz`
    await one.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await one.api.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'ext', namespace},
      spec: {
        ports: [
          {name: 'grpc', port: 9000},
          {name: 'http', port: 8000},
        ],
        selector: {app: 'ext'},
      },
    })
    for (const name of ['web', 'shop'])
      await one.api.apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: {name, namespace},
        spec: {
          selector: {matchLabels: {app: name}},
          template: {metadata: {labels: {app: name}}, spec: {containers: [{name: 'app', image: 'app'}]}},
        },
      })
  })
  afterAll(() => ground?.close())
  beforeEach(() => ground.reset())

  const mapPath = () => `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
  const mesh = async () => (await one.api.get<AnyObject & {data: {mesh: string}}>(mapPath()))!.data.mesh
  const setMesh = (text: string) =>
    one.api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio', namespace: ground.namespace},
      data: {mesh: text},
    })
  const authz = (...args: string[]) => ground.mesh(['authz', ...args, '--system-namespace', ground.namespace])
  const attach = (name: string, ...args: string[]) =>
    authz('attach', name, '--service', 'ext:9000', '-n', namespace, '--to', 'workload/web', ...args)
  const policy = (name: string) =>
    one.api.get<AnyObject & {spec: object}>(
      `/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/${name}`,
    )

  it('attaches and detaches, and leaves every other byte of the mesh config as it was', async () => {
    const before = `# by the platform team\n${await mesh()}\nextraKey: {a: b}   # kept\n`
    await setMesh(before)
    const {code, stderr} = await attach('first', '--yes')
    expect(code).toBe(0)
    expect(stderr).toContain('meshConfig:\n      extensionProviders:\n      - name: first')
    expect(await mesh()).toBe(
      `${before}extensionProviders:\n- name: first\n  envoyExtAuthzGrpc:\n    service: ext.${namespace}.svc.cluster.local\n    port: 9000\n    timeout: 5s\n`,
    )
    expect((await policy('first'))!.spec).toEqual({
      action: 'CUSTOM',
      provider: {name: 'first'},
      rules: [{}],
      selector: {matchLabels: {app: 'web'}},
    })
    const order = ground.writes().map(({url}) => url.replace(/\?.*/, '').split('/').slice(-2).join('/'))
    // The record lists the policy before its creation, and its UID after it.
    const record = 'configmaps/kubectl-mesh-authz-first'
    expect(order).toEqual([record, 'configmaps/istio', record, 'authorizationpolicies/first', record])
    ground.reset()
    expect((await attach('first', '--yes')).code).toBe(0)
    expect(ground.writes()).toEqual([])
    const detached = await authz('detach', 'first', '--yes')
    expect({code: detached.code, mesh: await mesh(), policy: await policy('first')}).toEqual({
      code: 0,
      mesh: before,
      policy: undefined,
    })
    const backwards = ground
      .writes()
      .map(({method, url}) => `${method} ${url.replace(/\?.*/, '').split('/').slice(-1)[0]}`)
    expect(backwards).toEqual(['DELETE first', 'PATCH istio', 'DELETE kubectl-mesh-authz-first'])
  })

  it('keeps what another client writes to the mesh config at the same time, in attach and detach', async () => {
    /** Another client writes between the read and the write of the command. */
    const interfere = (text: (mesh: string) => string) => {
      let first = true
      one.proxy.decide = ({method, url}) => {
        if (method !== 'PATCH' || !/\/configmaps\/istio(\?|$)/.test(url) || !first) return 'pass'
        first = false
        return passAfter(mesh().then(found => setMesh(text(found))))
      }
    }
    interfere(found => `${found.trimEnd()}\nbyOther: 1 # a\n`)
    expect((await attach('race', '--yes')).code).toBe(0)
    expect(await mesh()).toMatch(/byOther: 1 # a\n[\s\S]*- name: race/)
    interfere(found => found.replace('byOther: 1 # a', 'byOther: 2 # b'))
    expect((await authz('detach', 'race', '--yes')).code).toBe(0)
    expect(await mesh()).toContain('byOther: 2 # b')
    expect(await mesh()).not.toContain('race')
  })

  /** The provider of oauth2-proxy as its chart's documentation configures it. */
  const oauth2Proxy = (port: number) => `extensionProviders:
- name: oauth2-proxy
  envoyExtAuthzHttp:
    service: ext.${namespace}.svc.cluster.local
    port: ${port}
    includeRequestHeadersInCheck: [authorization, cookie]
    headersToUpstreamOnAllow: [authorization, path, x-auth-request-user]
    headersToDownstreamOnDeny: [content-type, set-cookie]
    includeAdditionalHeadersInCheck: {X-Auth-Request-Redirect: "https://%REQ(:authority)%"}
`
  const attachProxy = (...args: string[]) =>
    authz(
      ...['attach', 'oauth2-proxy', '--service', 'ext:8000', '--type', 'http', '--yes', '-n', namespace],
      ...['--header-to-check', 'authorization', '--header-to-check', 'cookie', '--to', 'workload/web', ...args],
    )

  it('uses the provider of another owner as it is, and detach keeps it', async () => {
    const before = await mesh()
    const text = `${before.trimEnd()}\n${oauth2Proxy(8000)}`
    await setMesh(text)
    const attached = await attachProxy()
    expect(attached).toMatchObject({code: 0, stderr: expect.stringContaining('it is used as it is')})
    expect(await mesh()).toBe(text)
    expect((await policy('oauth2-proxy'))!.spec).toMatchObject({provider: {name: 'oauth2-proxy'}})
    ground.reset()
    expect((await attachProxy()).code).toBe(0)
    expect(ground.writes()).toEqual([])
    // A policy of the provider's owner: it keeps its provider, so nothing prevents the detach.
    const theirs: AnyObject = {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {name: 'theirs', namespace},
      spec: {action: 'CUSTOM', provider: {name: 'oauth2-proxy'}, rules: [{}]},
    }
    await one.api.apply(theirs)
    const {code, stderr} = await authz('detach', 'oauth2-proxy', '--yes')
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('remove it there too')
    expect({mesh: await mesh(), policy: await policy('oauth2-proxy')}).toEqual({mesh: text, policy: undefined})
    expect(await policy('theirs')).toBeDefined()
    await one.api.delete(`/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/theirs`)
    await setMesh(before)
  })

  it('refuses the provider of another owner that differs, and writes nothing', async () => {
    const before = await mesh()
    await setMesh(`${before.trimEnd()}\n${oauth2Proxy(4180)}`)
    ground.reset()
    expect(await attachProxy()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('and differs: port is 4180; expected 8000'),
    })
    expect(ground.writes()).toEqual([])
    await setMesh(before)
  })

  it('does not change a mesh config that Argo CD or Sail reverts, unless the user insists', async () => {
    const before = await mesh()
    const setOwner = (metadata: object) =>
      one.api.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {name: 'istio', namespace: ground.namespace, ...metadata},
        data: {mesh: before},
      })
    const tracking = {'argocd.argoproj.io/tracking-id': `mesh:/ConfigMap:${ground.namespace}/istio`}
    await setOwner({annotations: tracking})
    ground.reset()
    const refused = await attach('argo', '--yes')
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /is managed by Argo CD application mesh, which reverts this change at its next sync.*then the policies that use argo deny every request[\s\S]*--via helm-values[\s\S]*--overwrite-managed/,
      ),
    })
    const meshWide = ['locality', 'balance', '--mesh-wide', 'off', '--system-namespace', ground.namespace]
    expect(await ground.mesh([...meshWide, '--yes'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('set meshConfig.localityLbSetting to {"enabled":false} in the values'),
    })
    const owner = {apiVersion: 'sailoperator.io/v1', kind: 'IstioRevision', name: 'default', uid: '1'}
    await setOwner({annotations: {}, ownerReferences: [owner]})
    expect(await attach('argo', '--yes')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/the operator of IstioRevision default[\s\S]*--via sail/),
    })
    await setOwner({
      annotations: {'meta.helm.sh/release-name': 'azure-service-mesh-istio-discovery'},
      ownerReferences: [],
    })
    expect(await attach('argo', '--yes')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/managed by the Istio add-on of AKS[\s\S]*--via shared-config/),
    })
    await setOwner({annotations: {}, ownerReferences: [owner]})
    const written = ground.writes().filter(({url}) => !url.includes('dryRun'))
    expect(written).toEqual([])
    const accepted = await attach('argo', '--overwrite-managed', '--yes')
    expect(accepted).toMatchObject({code: 0, stderr: expect.stringContaining('warning:')})
    // To take the provider out needs no confirmation: the operator would do the same.
    expect((await authz('detach', 'argo', '--yes')).code).toBe(0)
    expect(await mesh()).toBe(before)
    await setOwner({annotations: {}, ownerReferences: []})
  })

  it('refuses an unreadable mesh config, and writes nothing', async () => {
    const before = await mesh()
    await setMesh('trustDomain: [\n')
    ground.reset()
    for (const args of [['attach', 'ext', '--service', 'ext:9000', '-n', namespace, '--to', 'workload/web', '--yes']]) {
      const {code, stderr} = await authz(...args)
      expect({code, stderr}).toEqual({code: 3, stderr: expect.stringContaining('key mesh is not a valid mesh config')})
    }
    expect(ground.writes()).toEqual([])
    await setMesh(before)
  })

  it('refuses --via shared-config if istiod does not read a shared mesh config', async () => {
    const refused = await attach('shared', '--via', 'shared-config', '--yes')
    expect({code: refused.code, stderr: refused.stderr}).toEqual({
      code: 3,
      stderr: expect.stringContaining('SHARED_MESH_CONFIG is not set'),
    })
    expect(ground.writes()).toEqual([])
  })

  it('with --via helm-values, writes nothing until the provider exists, then the policy', async () => {
    const printed = await attach('values', '--via', 'helm-values', '--yes')
    expect(printed.code).toBe(0)
    expect(printed.stdout).toMatch(/^meshConfig:\n {2}extensionProviders:\n/)
    expect(ground.writes()).toEqual([])
    const before = await mesh()
    // What the next upgrade of the user does.
    await setMesh(`${before.trimEnd()}\n${printed.stdout.replace(/^meshConfig:\n/, '').replace(/^ {2}/gm, '')}`)
    expect((await attach('values', '--via', 'helm-values', '--yes')).code).toBe(0)
    expect(await policy('values')).toBeDefined()
    const removed = await authz('detach', 'values', '--yes')
    expect({code: removed.code, stderr: removed.stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining('values of your installation'),
    })
    // The user owns the values.
    expect(await mesh()).toContain('- name: values')
    await setMesh(before)
  })

  it('changes only the control plane of --revision', async () => {
    const {kubeconfig, context} = one.direct
    await fakeControlPlane(kubeconfig, context, {systemNamespace: ground.namespace, revision: 'r1'})
    const before = await mesh()
    expect((await attach('rev', '--revision', 'r1', '--yes')).code).toBe(0)
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/istio-r1`
    const config = await one.api.get<AnyObject & {data: {mesh: string}}>(path)
    expect(config!.data.mesh).toContain('- name: rev')
    expect(await mesh()).toBe(before)
    expect((await policy('rev'))!.metadata.labels).not.toHaveProperty('istio.io/rev')
    expect((await authz('detach', 'rev', '--revision', 'r1', '--yes')).code).toBe(0)
  })

  it('moves to another target, and leaves nothing behind', async () => {
    expect((await attach('moves', '--yes')).code).toBe(0)
    const other = await authz(
      'attach',
      'moves',
      '--service',
      `ext.${namespace}.svc:8000`,
      '--type',
      'http',
      '-n',
      namespace,
      '--to',
      'workload/shop',
      '--path',
      '/a*',
      '--fail',
      'open',
      '--yes',
    )
    expect(other.code).toBe(0)
    expect((await policy('moves'))!.spec).toMatchObject({
      selector: {matchLabels: {app: 'shop'}},
      rules: [{to: [{operation: {paths: ['/a*']}}]}],
    })
    expect(await mesh()).toMatch(/- name: moves\n {2}envoyExtAuthzHttp:[\s\S]*failOpen: true/)
    expect((await mesh()).match(/name: moves/g)).toHaveLength(1)
    const filter = await authz(
      'attach',
      'moves',
      '--service',
      `ext.${namespace}.svc:9000`,
      '-n',
      namespace,
      '--to',
      'workload/shop',
      '--via',
      'envoy-filter',
      '--yes',
    )
    expect({code: filter.code, stderr: filter.stderr}).toMatchObject({code: 0})
    expect(await policy('moves')).toBeUndefined()
    expect(await mesh()).not.toContain('moves')
    expect((await authz('detach', 'moves', '--yes')).code).toBe(0)
  })

  describe('with an EnvoyFilter instead of a provider', () => {
    const writes = () =>
      ground
        .writes()
        .map(({url}) => url.replace(/\?.*/, '').split('/').slice(-2).join('/'))
        .filter(one => !one.includes('kubectl-mesh-authz'))
    const viaFilter = () => attach('viafilter', '--via', 'envoy-filter', '--yes')

    it('the next run removes the provider that a killed one left', async () => {
      expect((await attach('viafilter', '--yes')).code).toBe(0)
      ground.reset()
      one.proxy.decide = ({method, url}) =>
        method === 'PATCH' && /\/configmaps\/istio(\?|$)/.test(url) && !url.includes('dryRun') ? {status: 403} : 'pass'
      expect((await viaFilter()).code).toBe(4)
      expect(await mesh()).toContain('viafilter')
      ground.reset()
      const {code, stderr} = await viaFilter()
      expect(code, stderr).toBe(0)
      expect(await mesh()).not.toContain('viafilter')
      expect(writes()).toEqual(['configmaps/istio'])
      expect((await viaFilter()).code).toBe(0)
      ground.reset()
      expect((await viaFilter()).code).toBe(0)
      expect(ground.writes()).toEqual([])
    })

    it('the policy is deleted before its provider', async () => {
      expect((await attach('viafilter', '--via', 'mesh-config', '--yes')).code).toBe(0)
      ground.reset()
      expect((await viaFilter()).code).toBe(0)
      expect(writes()).toEqual(['envoyfilters/viafilter', 'authorizationpolicies/viafilter', 'configmaps/istio'])
    })

    it('detach keeps a provider of another owner with the same name', async () => {
      // Until this run, the record lists the provider of the earlier runs as one to remove.
      expect((await viaFilter()).code).toBe(0)
      const text = await mesh()
      await setMesh(
        `${text.trimEnd()}\nextensionProviders:\n- name: viafilter\n  envoyExtAuthzGrpc: {service: a.b, port: 1}\n`,
      )
      expect((await authz('detach', 'viafilter', '--yes')).code).toBe(0)
      expect(await mesh()).toContain('- name: viafilter')
      await setMesh(text)
    })

    it('a provider that a policy of another owner uses stays, with a warning', async () => {
      expect((await attach('shared', '--yes')).code).toBe(0)
      await one.api.apply({
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: {name: 'uses-shared', namespace},
        spec: {action: 'CUSTOM', provider: {name: 'shared'}, rules: [{}], selector: {matchLabels: {app: 'shop'}}},
      })
      const {code, stderr} = await attach('shared', '--via', 'envoy-filter', '--yes')
      expect(code, stderr).toBe(0)
      expect(stderr).toMatch(/provider shared stays in the mesh config: .*uses-shared uses it/)
      expect(await mesh()).toContain('- name: shared')
      await one.api.delete(`/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/uses-shared`)
      expect((await attach('shared', '--via', 'envoy-filter', '--yes')).code).toBe(0)
      expect(await mesh()).not.toContain('shared')
      expect((await authz('detach', 'shared', '--yes')).code).toBe(0)
    })
  })

  describe('refuses before any write', () => {
    it.each([
      [['--service', 'missing:9000'], 'neither a Service nor a host'],
      [['--service', 'ext:1234'], 'has no port 1234'],
      [['--to', 'workload/missing'], 'no workload missing'],
      [['--to', 'gateway/missing'], 'no gateway missing'],
      [['--to', 'namespace/missing'], 'no namespace missing'],
      [['--revision', 'other'], 'no istiod of revision other'],
    ])('%j: %s', async (args, problem) => {
      const all = ['attach', 'x', '-n', namespace, ...args]
      const rest = [
        ...(args[0] === '--service' ? [] : ['--service', 'ext:9000']),
        ...(args[0] === '--to' ? [] : ['--to', 'workload/web']),
      ]
      const {code, stderr} = await authz(...all, ...rest, '--yes')
      expect({code, stderr}).toEqual({code: 3, stderr: expect.stringContaining(problem)})
      expect(ground.writes()).toEqual([])
    })

    it('a second provider for the same workloads', async () => {
      const spec = {action: 'CUSTOM', provider: {name: 'theirs'}, rules: [{}]}
      await one.api.apply({
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: {name: 'theirs', namespace},
        spec,
      })
      const {code, stderr} = await attach('second', '--yes')
      expect({code, stderr}).toEqual({code: 3, stderr: expect.stringContaining('istiod would deny all requests')})
      expect(ground.writes()).toEqual([])
      await one.api.delete(`/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/theirs`)
    })

    it('the removal of a provider that another policy uses', async () => {
      expect((await attach('used', '--yes')).code).toBe(0)
      const spec = {action: 'CUSTOM', provider: {name: 'used'}, rules: [{}], selector: {matchLabels: {app: 'else'}}}
      await one.api.apply({
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: {name: 'theirs', namespace},
        spec,
      })
      ground.reset()
      const {code, stderr} = await authz('detach', 'used', '--yes')
      expect({code, stderr}).toEqual({
        code: 3,
        stderr: expect.stringContaining(`AuthorizationPolicy ${namespace}/theirs still uses used`),
      })
      expect(ground.writes()).toEqual([])
      const verify = await authz('verify', 'used', '-o', 'json')
      expect(verify.code).toBe(5)
      expect(JSON.parse(verify.stdout).verified[0].findings.map(({check}: {check: string}) => check)).toEqual(
        expect.arrayContaining(['endpoints', 'workloads']),
      )
      await one.api.delete(`/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/theirs`)
      expect((await authz('detach', 'used', '--yes')).code).toBe(0)
    })

    it('the removal of an authorizer that does not exist', async () => {
      const {code, stderr} = await authz('detach', 'missing', '--yes')
      expect({code, stderr}).toEqual({code: 0, stderr: expect.stringContaining('there is no authorizer missing')})
    })
  })

  it('--dry-run=client prints manifests for kubectl, without requests', async () => {
    const seen = one.proxy.requests.length
    const {code, stdout, stderr} = await authz(
      'attach',
      'ext',
      '--service',
      'ext:9000',
      '-n',
      namespace,
      '--to',
      'gateway/istio-ingressgateway',
      '--dry-run=client',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('istio: ingressgateway')
    expect(stderr).toContain('has the labels istio=ingressgateway')
    expect(one.proxy.requests).toHaveLength(seen)
  })
})
