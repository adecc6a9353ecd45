import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import {openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, federateGateways, importsOf, service} from './support.ts'

const servers = sharedServers()
const path = (name: string) => `/api/v1/namespaces/kube-system/configmaps/${name}`

const corefile = `# a comment at the top
(snip) {
    errors
}
.:53 {
    import snip
    kubernetes cluster.local in-addr.arpa {
       pods insecure # why not
    }
    forward . {$UPSTREAM}   "1.1.1.1"
    reload
}`

describe.skipIf(!servers)('DNS servers of the clusters', () => {
  let ground: Ground
  let sample: string
  beforeAll(async () => {
    ground = await openGround(servers!)
    sample = `${ground.namespace}-s`
    for (const {api} of ground.clusters) await deployHello(api, sample)
  })
  afterAll(() => ground?.close())
  afterEach(async () => {
    ground.reset()
    for (const {api} of ground.clusters)
      for (const name of ['coredns', 'coredns-custom', 'kube-dns', 'dnsmasq', 'node-local-dns'])
        await api.delete(path(name))
  })

  const mapOf = (name: string, data: Record<string, string>, marks: {labels?: Record<string, string>} = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace: 'kube-system', ...marks},
    data,
  })
  const put = (...args: Parameters<typeof mapOf>) =>
    Promise.all(ground.clusters.map(({api}) => api.apply(mapOf(...args))))
  const textOf = async (cluster: string, name: string, key: string) =>
    ((await ground.cluster(cluster).api.get(path(name)))?.data as Record<string, string> | undefined)?.[key]
  const remove = () =>
    ground.mesh(['federate', 'remove', '--contexts', 'east,west', '--system-namespace', ground.namespace, '--yes'])

  it('CoreDNS resolves exported names; remove restores its Corefile byte for byte', async () => {
    await put('coredns', {Corefile: corefile})
    expect(await federateGateways(ground, ['--dns', 'coredns', '--yes'])).toMatchObject({code: 0})
    expect(await textOf('west', 'coredns', 'Corefile')).toMatch(/^# a comment[\s\S]*\nglobal:53 \{/)
    const args = ['hello', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes']
    expect((await service(ground, ['export', ...args])).code).toBe(0)
    const {spec} = (await importsOf(ground.cluster('west').api, ground.namespace))[`entry hello.${sample}.global`]!
    expect(spec.addresses).toEqual([expect.stringMatching(/^240\.241\./)])
    expect(await textOf('west', 'coredns', 'Corefile')).toContain(`IN A ${spec.addresses![0]}`)
    ground.reset()
    expect((await service(ground, ['export', ...args])).code).toBe(0)
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    expect(ground.writes()).toEqual([])
    expect((await service(ground, ['unexport', ...args])).code).toBe(0)
    expect(await textOf('west', 'coredns', 'Corefile')).not.toContain('240.241')
    expect((await remove()).code).toBe(0)
    for (const cluster of ['east', 'west']) expect(await textOf(cluster, 'coredns', 'Corefile')).toBe(corefile)
  })

  it('a run without --dns keeps it; a file that omits it is refused with --yes, and --reset dns restores the Corefile', async () => {
    await put('coredns', {Corefile: corefile})
    expect(await federateGateways(ground, ['--dns', 'coredns', '--yes'])).toMatchObject({code: 0})
    const edited = await textOf('west', 'coredns', 'Corefile')
    ground.reset()
    expect(await federateGateways(ground, ['--yes'])).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    const file = join(ground.folder, 'gateways.yaml')
    const spec = `{contexts: [east, west], systemNamespace: ${ground.namespace}, mode: gateways}`
    await writeFile(file, `apiVersion: kubectl-mesh.io/v1alpha1\nkind: Federation\nspec: ${spec}\n`)
    const refused = await ground.mesh(['federate', '-f', file, '--yes'])
    expect(refused.code, refused.stderr).toBe(2)
    expect(refused.stderr).toContain('add --reset dns')
    expect(ground.writes()).toEqual([])
    expect(await textOf('west', 'coredns', 'Corefile')).toBe(edited)
    const reset = await federateGateways(ground, ['--reset', 'dns', '--yes'])
    expect(reset.code, reset.stderr).toBe(0)
    expect(reset.stderr).toMatch(/^warning: .*coredns/m)
    expect(await textOf('west', 'coredns', 'Corefile')).toBe(corefile)
    expect((await remove()).code).toBe(0)
  })

  it('dnsmasq has a line per name, and kube-dns forwards; remove restores both', async () => {
    await put('dnsmasq', {'dnsmasq.conf': 'no-resolv\nserver=10.0.0.1'})
    await put('kube-dns', {upstreamNameservers: '["10.0.0.1"]'})
    expect((await federateGateways(ground, ['--dns', 'dnsmasq', '--yes'])).code).toBe(0)
    const args = ['hello', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes']
    expect((await service(ground, ['export', ...args])).code).toBe(0)
    expect(await textOf('west', 'dnsmasq', 'dnsmasq.conf')).toMatch(
      new RegExp(`host-record=hello\\.${sample}\\.global,240\\.241\\.`),
    )
    // Selecting another DNS server restores the previous one.
    expect((await federateGateways(ground, ['--dns', 'kube-dns', '--dns-forward', '10.0.0.53', '--yes'])).code).toBe(0)
    expect(await textOf('west', 'dnsmasq', 'dnsmasq.conf')).toBe('no-resolv\nserver=10.0.0.1')
    expect(JSON.parse((await textOf('west', 'kube-dns', 'stubDomains'))!)).toEqual({global: ['10.0.0.53']})
    expect((await federateGateways(ground, ['--dns', 'kube-dns', '--dns-forward', '10.0.0.54', '--yes'])).code).toBe(0)
    expect(JSON.parse((await textOf('west', 'kube-dns', 'stubDomains'))!)).toEqual({global: ['10.0.0.54']})
    expect((await remove()).code).toBe(0)
    expect(await textOf('west', 'kube-dns', 'stubDomains')).toBeUndefined()
    expect(await importsOf(ground.cluster('west').api, ground.namespace)).toEqual({})
  })

  it.each([
    ['no ConfigMap', undefined, "the cluster's DNS is not coredns"],
    ['a ConfigMap without a Corefile', {other: 'x'}, "the cluster's DNS is not coredns"],
    [
      'another server block',
      {Corefile: `${corefile}\nglobal {\n    whoami\n}\n`},
      'already has a server block for global that kubectl-mesh does not manage',
    ],
    ['a broken Corefile', {Corefile: '.:53 {\n    errors\n'}, 'line 2: a closing brace is missing'],
  ])('rejects %s and writes nothing', async (_, data, message) => {
    if (data) await put('coredns', data as Record<string, string>)
    ground.reset()
    const {code, stderr} = await federateGateways(ground, ['--dns', 'coredns', '--yes'])
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining(message)})
    expect(ground.writes()).toEqual([])
  })

  it('--capture-dns enables DNS capture, and remove disables it', async () => {
    const meshOf = async () => {
      const map = await ground.cluster('east').api.get(`/api/v1/namespaces/${ground.namespace}/configmaps/istio`)
      return (map!.data as {mesh: string}).mesh
    }
    const before = await meshOf()
    const first = await federateGateways(ground, ['--yes'])
    expect(first.stderr).toContain('add --capture-dns')
    expect(await meshOf()).toBe(before)
    const second = await federateGateways(ground, ['--capture-dns', '--yes'])
    expect(second).toMatchObject({code: 0, stderr: expect.not.stringContaining('add --capture-dns')})
    expect(await meshOf()).toMatch(/proxyMetadata:\n +ISTIO_META_DNS_CAPTURE: ['"]true['"]/)
    // A run without the flag changes nothing.
    ground.reset()
    expect((await federateGateways(ground, ['--yes'])).code).toBe(0)
    expect(ground.writes()).toEqual([])
    expect((await remove()).code).toBe(0)
    expect(await meshOf()).toBe(before)

    // A mesh config that another tool would revert.
    const {api} = ground.cluster('east')
    const owner = {apiVersion: 'sailoperator.io/v1', kind: 'IstioRevision', name: 'default', uid: '1'}
    const setOwners = (ownerReferences: object[]) =>
      api.apply(
        {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'istio', namespace: ground.namespace, ownerReferences}},
        undefined,
        'installer',
      )
    await setOwners([owner])
    ground.reset()
    const refused = await federateGateways(ground, ['--capture-dns', '--yes'])
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /east: configmap\/istio in \S+ is managed by the operator of IstioRevision default[\s\S]*add --overwrite-managed/,
      ),
    })
    expect(ground.writes()).toEqual([])
    expect(await meshOf()).toBe(before)
    await setOwners([])
  })

  it('writes to coredns-custom where the Corefile imports it, on the port of the Corefile; remove restores it', async () => {
    const Corefile = '.:8053 {\n    errors\n    reload\n}\nimport custom/*.server\n'
    const custom = {'corp.server': 'corp.example:8053 {\n    errors\n}\n'}
    // The managed Corefile is not written, so it needs no confirmation.
    await put('coredns', {Corefile}, {labels: {'addonmanager.kubernetes.io/mode': 'Reconcile'}})
    await ground.cluster('west').api.apply(mapOf('coredns-custom', custom))
    expect(await federateGateways(ground, ['--dns', 'coredns', '--yes'])).toMatchObject({code: 0})
    const textIn = (cluster: string) => textOf(cluster, 'coredns-custom', 'kubectl-mesh.server')
    for (const cluster of ['east', 'west']) expect(await textIn(cluster)).toMatch(/^global:8053 \{/)
    const args = ['hello', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes']
    expect((await service(ground, ['export', ...args])).code).toBe(0)
    expect(await textIn('west')).toMatch(/IN A 240\.241\./)
    ground.reset()
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    expect(ground.writes()).toEqual([])
    expect((await remove()).code).toBe(0)
    for (const cluster of ['east', 'west']) {
      expect(await textIn(cluster)).toBeUndefined()
      expect(await textOf(cluster, 'coredns', 'Corefile')).toBe(Corefile)
    }
    expect(await textOf('west', 'coredns-custom', 'corp.server')).toBe(custom['corp.server'])
  })

  it('does not change a Corefile that an add-on manager reverts, unless the user insists', async () => {
    await put('coredns', {Corefile: corefile}, {labels: {'addonmanager.kubernetes.io/mode': 'Reconcile'}})
    await put('node-local-dns', {Corefile: 'cluster.local:53 {\n    errors\n}\n'})
    ground.reset()
    const refused = await federateGateways(ground, ['--dns', 'coredns', '--yes'])
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /configmap\/coredns in kube-system is managed by the add-on manager of the cluster, which reverts this change within minutes; then names under \.global do not resolve[\s\S]*add --overwrite-managed/,
      ),
    })
    expect(refused.stderr).toContain('west: NodeLocal DNSCache (ConfigMap kube-system/node-local-dns)')
    expect(ground.writes()).toEqual([])
    const accepted = await federateGateways(ground, ['--dns', 'coredns', '--overwrite-managed', '--yes'])
    expect(accepted).toMatchObject({code: 0, stderr: expect.stringContaining('warning: west: configmap/coredns')})
    // Nothing changes any more: no flag is needed, and neither to restore the Corefile.
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    expect((await remove()).code).toBe(0)
    expect(await textOf('west', 'coredns', 'Corefile')).toBe(corefile)
  })

  it('replaces the stub of an old Istio on request, and remove restores it', async () => {
    const old = `${corefile}\nglobal:53 {\n    errors\n    forward . 10.0.0.1\n}\n`
    await put('coredns', {Corefile: old})
    const refused = await federateGateways(ground, ['--dns', 'coredns', '--yes'])
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('--replace-dns replaces it')})
    expect((await federateGateways(ground, ['--dns', 'coredns', '--replace-dns', '--yes'])).code).toBe(0)
    expect(await textOf('west', 'coredns', 'Corefile')).toContain('# written by kubectl mesh')
    ground.reset()
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    expect(ground.writes()).toEqual([])
    expect((await remove()).code).toBe(0)
    expect(await textOf('west', 'coredns', 'Corefile')).toBe(old)
  })

  it('another DNS server can be selected although the ConfigMap of the former one is gone', async () => {
    await put('coredns', {Corefile: corefile})
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    for (const {api} of ground.clusters) await api.delete(path('coredns'))
    expect(await federateGateways(ground, ['--dns', 'istio', '--capture-dns', '--yes'])).toMatchObject({code: 0})
    expect((await remove()).code).toBe(0)
  })

  it('names that istiod resolved get addresses when CoreDNS resolves them', async () => {
    await put('coredns', {Corefile: corefile})
    expect((await federateGateways(ground, ['--capture-dns', '--yes'])).code).toBe(0)
    const args = ['hello', '-n', sample, '--contexts', 'east', '--to', 'west', '--yes']
    expect((await service(ground, ['export', ...args])).code).toBe(0)
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    const {spec} = (await importsOf(ground.cluster('west').api, ground.namespace))[`entry hello.${sample}.global`]!
    expect(spec.addresses).toEqual([expect.stringMatching(/^240\.241\./)])
    expect(await textOf('west', 'coredns', 'Corefile')).toContain(`IN A ${spec.addresses![0]}`)
    // It stays an import: another export and the removal still own it.
    ground.reset()
    expect((await service(ground, ['export', ...args])).code).toBe(0)
    expect(ground.writes()).toEqual([])
    expect((await remove()).code).toBe(0)
    expect(await importsOf(ground.cluster('west').api, ground.namespace)).toEqual({})
  })
})
