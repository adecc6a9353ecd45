import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {untilAllowed} from '../../support/ground/allowed.ts'
import {makeRoot} from '../../support/ground/certificates.ts'
import {type Ground, type GroundOptions, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('the preflight rejects before any write', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  /** Runs `mesh federate`, expects exit code 3 and no writes, and returns stderr. */
  async function refused(options: GroundOptions, args: string[] = []): Promise<string> {
    ground = await openGround(servers!, options)
    const {code, stdout, stderr} = await ground.federate(['--yes', ...args])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(ground.writes()).toEqual([])
    return stderr
  }

  const inWest = (controlPlane: object): GroundOptions => ({
    controlPlane: context => (context === 'west' ? controlPlane : {}),
  })

  it('another mesh ID', async () => {
    const stderr = await refused(inWest({meshID: 'other'}))
    expect(stderr).toMatch(
      /^error: west: the mesh ID is other; expected mesh1\nhint: {2}istioctl install --context west .*--set values\.global\.meshID=mesh1 /m,
    )
  })

  it('no mesh ID, but --mesh-id is set', async () => {
    const stderr = await refused({controlPlane: () => ({meshID: ''})}, ['--mesh-id', 'm'])
    expect(stderr).toMatch(/^error: east: the mesh ID is not set; expected m$/m)
    expect(stderr).toMatch(/^error: west: the mesh ID is not set; expected m$/m)
  })

  it('a control plane with another cluster ID', async () => {
    const stderr = await refused({}, ['--cluster-name', 'west=occident'])
    expect(stderr).toMatch(/^error: occident: istiod has the cluster ID west; expected occident$/m)
    expect(stderr).toMatch(/^hint: {2}istioctl install --context west .*clusterName=occident/m)
    expect(stderr).toMatch(/^hint: {2}or --cluster-name west=west$/m)
  })

  it('a control plane without a cluster ID', async () => {
    const stderr = await refused(inWest({clusterName: undefined}))
    expect(stderr).toMatch(/^error: west: istiod has the cluster ID Kubernetes; expected west$/m)
    expect(stderr).toMatch(/^hint: {2}istioctl install --context west .*clusterName=west/m)
  })

  it('proxies in another network', async () => {
    const stderr = await refused({}, ['--network', 'west=elsewhere'])
    expect(stderr).toMatch(/^error: west: proxies have the network west\.\S+; expected elsewhere$/m)
    expect(stderr).toMatch(/^hint: {2}istioctl install .*values\.global\.network=elsewhere/m)
  })

  it("a gateway of Helm's chart without the label of the network", async () => {
    ground = await openGround(servers!, {})
    const {api} = ground.clusters.find(one => one.cluster === 'west')!
    const labels = {'app.kubernetes.io/managed-by': 'Helm', istio: 'eastwestgateway'}
    const annotations = {'meta.helm.sh/release-name': 'ew', 'meta.helm.sh/release-namespace': ground.namespace}
    const metadata = {name: 'istio-eastwestgateway', namespace: ground.namespace, labels, annotations}
    const selector = {istio: 'eastwestgateway'}
    const template = {metadata: {labels: selector}, spec: {containers: [{name: 'istio-proxy', image: 'auto'}]}}
    const spec = {selector: {matchLabels: selector}, template}
    await api.apply({apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec} as AnyObject, undefined, 'helm')
    const ports = [{name: 'tls', port: 15443}]
    await api.apply(
      {apiVersion: 'v1', kind: 'Service', metadata, spec: {selector, ports}} as AnyObject,
      undefined,
      'helm',
    )
    ground.reset()
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(
      /^error: west: Helm .*istio-eastwestgateway, whose Service has no label topology\.istio\.io\/network=/m,
    )
    expect(stderr).toMatch(/^hint: {2}helm upgrade ew istio\/gateway .* --set networkGateway=\S+$/m)
    expect(stderr).not.toContain('immutable')
    expect(ground.writes()).toEqual([])
  })

  it("another owner's Deployment with the name of the gateway", async () => {
    ground = await openGround(servers!, {})
    const {api} = ground.clusters.find(one => one.cluster === 'west')!
    const metadata = {name: 'istio-eastwestgateway', namespace: ground.namespace}
    const labels = {app: 'other'}
    const template = {metadata: {labels}, spec: {containers: [{name: 'proxy', image: 'proxy'}]}}
    const spec = {selector: {matchLabels: labels}, template}
    await api.apply({apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec} as AnyObject, undefined, 'terraform')
    ground.reset()
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(
      /^error: west: Deployment \S+\/istio-eastwestgateway already exists, created by terraform, and /m,
    )
    expect(stderr).toContain('--gateway west=name=istio-crossnetworkgateway')
    expect(stderr).not.toContain('immutable')
    expect(ground.writes()).toEqual([])
    const named = await ground.federate(['--gateway', 'west=name=istio-crossnetworkgateway', '--yes'])
    expect(named.code, named.stderr).toBe(0)
  })

  it('two trust domains: no hint changes the identities of workloads', async () => {
    const stderr = await refused(inWest({trustDomain: 'west.test'}))
    for (const [cluster, own, other] of [
      ['east', 'cluster.local', 'west.test'],
      ['west', 'west.test', 'cluster.local'],
    ])
      expect(stderr).toContain(
        `error: ${cluster}: the trust domain is ${own}; expected ${other}, as the trust domain or in trustDomainAliases\nhint:  istioctl install --context ${cluster} -f YOUR-FILE.yaml --set 'meshConfig.trustDomainAliases[0]=${other}' `,
      )
    expect(stderr).not.toContain('trustDomain=')
  })

  it('two trust domains that are aliases of each other are accepted', async () => {
    const domains = (context: string) => (context === 'west' ? ['west.test', 'east.test'] : ['east.test', 'west.test'])
    const controlPlane = (context: string) => {
      const [trustDomain, alias] = domains(context)
      return {trustDomain: trustDomain!, trustDomainAliases: [alias!]}
    }
    ground = await openGround(servers!, {controlPlane})
    const {code, stderr} = await ground.federate(['--dry-run=server'])
    expect(code, stderr).toBe(0)
  })

  it('a control plane that Helm manages: the hint keeps its values and its version', async () => {
    const stderr = await refused(inWest({helmRelease: 'istiod', clusterName: undefined}))
    expect(stderr).toMatch(
      /^error: west: istiod has the cluster ID Kubernetes; expected west\nhint: {2}helm upgrade istiod istio\/istiod --kube-context west -n \S+ --version 1\.30\.3 --reuse-values --set global\.meshID=mesh1 --set global\.multiCluster\.clusterName=west --set global\.network=\S+$/m,
    )
    expect(stderr).not.toContain('istioctl')
  })

  it('no control plane, and none with the revision', async () => {
    const none = await refused({controlPlane: context => (context === 'west' ? false : {})})
    expect(none).toMatch(
      /^error: west: no istiod of revision default in namespace \S+\nhint: {2}to let federate install it: .*\nhint: {2}or: istioctl install --context west /m,
    )
    await ground.close()
    const other = await refused({}, ['--revision', 'canary'])
    expect(other).toMatch(
      /^error: east: no istiod of revision canary in namespace \S+\nerror: west: no istiod of revision canary in namespace \S+\nhint: {2}existing revisions: default \(set --revision to one of them, or to a revision tag\)/m,
    )
  })

  it('different roots, and an unknown root', async () => {
    const root = await makeRoot('other')
    const different = await refused(inWest({rootCert: root}))
    expect(different).toMatch(
      /^error: west: its root CA \((\w\w:){31}\w\w\) is not that of east \((\w\w:){31}\w\w\): mTLS between them would fail\nhint: {2}kubectl mesh ca init/m,
    )
    await ground.close()
    const unknown = await refused(inWest({rootCert: undefined}))
    expect(unknown).toMatch(/^error: west: its root CA is unknown/m)
  })

  it('a loopback address without --server', async () => {
    ground = await openGround(servers!)
    const contexts = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const result = await ground.mesh(['federate', ...contexts, '--server', 'east=https://east.test', '--yes'])
    expect(result).toMatchObject({code: 3, stdout: ''})
    expect(result.stderr).toMatch(
      /^error: west: its API server address https:\/\/127\.0\.0\.1:\d+ is a loopback address/m,
    )
    expect(result.stderr).toMatch(/^hint: {2}--server west=https:\/\/HOST:PORT/m)
    expect(result.stderr).not.toMatch(/^error: east/m)
    expect(ground.writes()).toEqual([])
  })

  it('a user without permissions: all missing permissions are reported', async () => {
    ground = await openGround(servers!)
    const {api} = ground.cluster('west')
    const name = `read-only-${ground.namespace}`
    // A unique name: other files on this server expect their users to have no permissions.
    const user = `${name}-user`
    const subjects = [{kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io'}]
    const rbac = 'rbac.authorization.k8s.io/v1'
    const roleRef = (kind: string) => ({apiGroup: 'rbac.authorization.k8s.io', kind, name})
    for (const {cluster, api: one} of ground.clusters) {
      const verbs = cluster === 'east' ? ['*'] : ['get', 'list', 'watch']
      await one.apply({
        apiVersion: rbac,
        kind: 'ClusterRole',
        metadata: {name},
        rules: [
          {apiGroups: ['*'], resources: ['*'], verbs},
          {apiGroups: ['authorization.k8s.io'], resources: ['*'], verbs: ['create']},
          {nonResourceURLs: ['*'], verbs: ['*']},
        ],
      })
      await one.apply({
        apiVersion: rbac,
        kind: 'ClusterRoleBinding',
        metadata: {name},
        roleRef: roleRef('ClusterRole'),
        subjects,
      })
    }
    await api.apply({
      apiVersion: rbac,
      kind: 'Role',
      metadata: {name, namespace: ground.namespace},
      rules: [{apiGroups: ['', 'apps', 'policy'], resources: ['*'], verbs: ['*']}],
    })
    await api.apply({
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata: {name, namespace: ground.namespace},
      roleRef: roleRef('Role'),
      subjects,
    })
    await untilAllowed(api, user, {verb: 'patch', resource: 'secrets', namespace: ground.namespace})
    const {code, stdout, stderr} = await ground.federate(['--yes', '--as', user])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    const missing = [...stderr.matchAll(/^error: west: you may not (.*)$/gm)].map(([, what]) => what)
    // One line for the cluster, and one for the namespace, each with the rules that grant what is missing.
    expect(missing).toEqual([
      expect.stringMatching(
        /^create and patch namespaces; create and patch clusterroles\.rbac\.authorization\.k8s\.io/,
      ),
      expect.stringMatching(new RegExp(`gateways\\.networking\\.istio\\.io in namespace ${ground.namespace}$`)),
    ])
    expect(missing[1]).toContain('rolebindings.rbac.authorization.k8s.io')
    const rules = [...stderr.matchAll(/^hint: .* with these rules grants it: (.*)$/gm)].map(([, json]) =>
      JSON.parse(json!),
    )
    expect(rules.flat()).toContainEqual({
      apiGroups: ['networking.istio.io'],
      resources: ['gateways'],
      verbs: ['create', 'patch'],
    })
    expect(missing.join()).not.toMatch(/secrets|deployments|disruption/)
    expect(stderr).not.toMatch(/^error: east/m)
    expect(stderr).toMatch(/^hint: /m)
    expect(ground.writes()).toEqual([])
  })

  it('a user without read permissions', async () => {
    ground = await openGround(servers!)
    const {code, stderr} = await ground.federate(['--yes', '--as', 'mallory'])
    expect(code).toBe(3)
    for (const cluster of ['east', 'west'])
      expect(stderr).toMatch(
        new RegExp(`^error: ${cluster}: you may not .*namespaces.*\nhint: {2}a ClusterRole with`, 'm'),
      )
    expect(ground.writes()).toEqual([])
  })

  it('a cluster that is not reachable', async () => {
    ground = await openGround(servers!)
    const file = join(ground.folder, 'unreachable')
    const config = (await readFile(ground.cluster('west').proxy.kubeconfig, 'utf8')).replaceAll(
      /127\.0\.0\.1:\d+/g,
      '127.0.0.1:1',
    )
    await writeFile(file, config)
    const [east] = ground.clusters
    const result = await ground.federate(['--yes'], {env: {KUBECONFIG: `${east!.proxy.kubeconfig}:${file}`}})
    expect(result).toMatchObject({code: 3, stdout: ''})
    expect(result.stderr).toMatch(/^error: west: .*https:\/\/127\.0\.0\.1:1: .*REFUSED/m)
    expect(result.stderr).toMatch(/^hint: {2}kubectl --context '?west'? version$/m)
    expect(ground.writes()).toEqual([])
  })

  it('missing Istio CRDs', async () => {
    ground = await openGround(servers!)
    const notFound = {kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message: 'not found'}
    ground.cluster('west').proxy.decide = ({url}) =>
      url.includes('.istio.io') && !url.includes('reviews') ? {status: 404, body: notFound} : 'pass'
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(
      /^error: west: Istio's CustomResourceDefinitions are missing\nhint: {2}istioctl install --context west /m,
    )
    expect(ground.writes()).toEqual([])
  })

  it('several problems are reported together', async () => {
    const stderr = await refused(inWest({meshID: 'other', trustDomain: 'west.test', clusterName: 'x'}), [
      ...['--cluster-name', 'west=west'],
    ])
    expect(stderr.match(/^error: west: /gm)).toHaveLength(3)
  })
})
