import {dump} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {clusterEntry} from '../../support/ground/entries.ts'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import {removalOf} from '../../support/ground/removal.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('a gateway of type NodePort', () => {
  let ground: Ground
  const name = `joined-${process.pid}`
  const nodePath = `/api/v1/nodes/${name}`

  beforeAll(async () => {
    ground = await openGround(servers!, {balancer: false})
    for (const {api} of ground.clusters) await api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name}})
  })
  afterAll(async () => {
    for (const {api} of ground?.clusters ?? []) await api.delete(nodePath)
    await ground?.close()
  })

  it('without an ExternalIP in any cluster: joined, with findings', async () => {
    const {code, stdout, stderr} = await ground.federate(['--gateway-service-type', 'NodePort', '--yes'])
    expect(stderr).toMatch(/^warning: east: no node has an ExternalIP/m)
    expect(stderr).toMatch(
      /^error: west: gateway Service \S+ of type NodePort has no address: no node has an ExternalIP/m,
    )
    expect(stdout).toMatch(/^east .* 1 of 1 +joined, with findings$/m)
    expect(code).toBe(5)
  })

  it('the annotation makes it a gateway for istiods, and status shows its addresses and whether it has the annotation', async () => {
    const addresses = [{type: 'ExternalIP', address: '198.51.100.7'}]
    for (const {api} of ground.clusters)
      await api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name}, status: {addresses}} as AnyObject, 'status')
    const joined = await ground.federate(['--yes'])
    expect(joined.stdout).toMatch(/^east +- +198\.51\.100\.7:\d+ .* joined$/m)
    expect(joined).toMatchObject({code: 0})
    const path = `/api/v1/namespaces/${ground.namespace}/services/istio-eastwestgateway`
    const {api} = ground.cluster('west')
    const service = (await api.get(path))!
    expect(service.metadata).toMatchObject({annotations: {'traffic.istio.io/nodeSelector': '{}'}})

    const {managedFields: _fields, annotations: _annotations, ...metadata} = service.metadata
    await api.replace({...service, metadata: {...metadata, annotations: {}}}, 'by-hand')
    const status = ['federate', 'status', '--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {code, stdout} = await ground.mesh(status)
    expect(code).toBe(5)
    expect(stdout).toMatch(
      /✘ west +gateway Service \S+ of type NodePort has no annotation traffic\.istio\.io\/nodeSelector/,
    )
  })
})

describe.skipIf(!servers)('pods of the gateway', () => {
  let ground: Ground
  const deployment = () => ({
    ...{apiVersion: 'apps/v1', kind: 'Deployment'},
    metadata: {name: 'istio-eastwestgateway', namespace: ground.namespace},
  })
  const report = (status: object) =>
    Promise.all(ground.clusters.map(({api}) => api.apply({...deployment(), status}, 'status')))

  beforeAll(async () => {
    ground = await openGround(servers!, {pods: false})
  })
  afterAll(() => ground?.close())

  it('no cluster gets a credential for a cluster whose gateway pods are refused', async () => {
    expect(await ground.federate(['--yes', '--timeout', '3s'])).toMatchObject({code: 4})
    const message = 'pods "istio-eastwestgateway-" is forbidden: runAsUser must be in the ranges'
    const refused = {type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message}
    await report({observedGeneration: 1, conditions: [refused]})
    const {code, stdout, stderr} = await ground.federate(['--yes', '--timeout', '3s'])
    expect(stderr).toMatch(
      /^error: west: Deployment \S+\/istio-eastwestgateway is not ready after 3s: 0 of 1 pods are available: .*must be in the ranges$/m,
    )
    expect(stdout).toMatch(/^west .* failed: not ready$/m)
    // The second run wrote nothing.
    expect(code).toBe(3)
    const path = `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-west`
    expect(await ground.cluster('east').api.get(path)).toBeUndefined()
  })

  it('a gateway that lacks some of its pods is reported, and the clusters are joined', async () => {
    await report({observedGeneration: 1, replicas: 2, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 0})
    const {code, stdout, stderr} = await ground.federate(['--yes', '--timeout', '3s'])
    expect(stderr).toMatch(/^error: west: gateway \S+\/istio-eastwestgateway: 0 of 1 pods are available$/m)
    expect(stdout).toMatch(/^west .* joined, with findings$/m)
    expect(code).toBe(5)
  })

  it('status fails, and waits until the pods are available', async () => {
    const status = ['federate', 'status', '--contexts', 'east,west', '--system-namespace', ground.namespace]
    const failed = await ground.mesh(status)
    expect(failed.stdout).toMatch(/^✘ east +gateway .*: 0 of 1 pods are available$/m)
    expect(failed).toMatchObject({code: 5, stderr: ''})
    expect(await ground.mesh([...status, '--wait', '--timeout', '3s'])).toMatchObject({code: 5})
    const waiting = ground.mesh([...status, '--wait', '--timeout', '60s'])
    await report({observedGeneration: 1, replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1})
    expect(await waiting).toMatchObject({code: 0, stdout: expect.not.stringContaining('✘')})
  })
})

describe.skipIf(!servers)('the admission of gateway pods', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  it('Pod Security "restricted" and the user range of OpenShift accept them', async () => {
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    const {api} = ground.cluster('east')
    const {namespace} = ground
    const expression =
      'object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.runAsUser) || c.securityContext.runAsUser >= 1000710000)'
    const policy = `scc-like-${namespace}`
    const admission = 'admissionregistration.k8s.io/v1'
    const resourceRules = [{apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods']}]
    const labels = {'pod-security.kubernetes.io/enforce': 'restricted'}
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace, labels}})
    await api.apply({
      ...{apiVersion: admission, kind: 'ValidatingAdmissionPolicy', metadata: {name: policy}},
      spec: {failurePolicy: 'Fail', matchConstraints: {resourceRules}, validations: [{expression}]},
    })
    const matchResources = {namespaceSelector: {matchLabels: {'kubernetes.io/metadata.name': namespace}}}
    await api.apply({
      ...{apiVersion: admission, kind: 'ValidatingAdmissionPolicyBinding', metadata: {name: policy}},
      spec: {policyName: policy, validationActions: ['Deny'], matchResources},
    })
    try {
      const live = await api.get<AnyObject & {spec: {template: {metadata: object; spec: PodSpec}}}>(
        `/apis/apps/v1/namespaces/${namespace}/deployments/istio-eastwestgateway`,
      )
      const {metadata, spec} = live!.spec.template
      const pod = (name: string, podSpec: PodSpec) =>
        api.create({apiVersion: 'v1', kind: 'Pod', metadata: {...metadata, name, namespace}, spec: podSpec})
      const [container] = spec.containers
      const asUser = {...container!, securityContext: {...container!.securityContext, runAsUser: 1337}}
      // The API server takes a moment to enforce a new policy.
      await expect
        .poll(() => pod('with-user', {...spec, containers: [asUser]}).then(undoneBy(api, namespace), String), {
          timeout: 30_000,
        })
        .toContain('scc-like')
      const unconfined = {...spec, securityContext: {...spec.securityContext, seccompProfile: undefined}}
      await expect(pod('unconfined', unconfined)).rejects.toThrow(
        /violates PodSecurity "restricted:latest": seccompProfile/,
      )
      expect(await pod('ours', spec)).toMatchObject({kind: 'Pod'})
    } finally {
      for (const kind of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
        await api.delete(`/apis/${admission}/${kind}/${policy}`)
    }
  })
})

interface PodSpec {
  securityContext: Record<string, unknown>
  containers: {securityContext: Record<string, unknown>}[]
}

/** Deletes a pod that was created too early. */
function undoneBy(api: GroundCluster['api'], namespace: string): (pod: AnyObject) => Promise<string> {
  return async ({metadata}) => {
    await api.delete(`/api/v1/namespaces/${namespace}/pods/${metadata.name}?gracePeriodSeconds=0`)
    return 'created'
  }
}

/** A remote Secret of another owner for west, as istioctl creates it. */
async function remoteSecret(ground: Ground, key: string, server: string): Promise<AnyObject> {
  const {proxy} = ground.cluster('west')
  const {entry} = await clusterEntry({kubeconfig: proxy.kubeconfig, context: 'west'})
  const kubeconfig = dump({
    ...{apiVersion: 'v1', kind: 'Config', 'current-context': key},
    clusters: [{name: key, cluster: {...entry, server}}],
    contexts: [{name: key, context: {cluster: key, user: key}}],
    users: [{name: key, user: {token: 'T'}}],
  })
  const metadata = {
    ...{name: 'istio-remote-secret-west', namespace: ground.namespace},
    labels: {'istio/multiCluster': 'true'},
  }
  return {apiVersion: 'v1', kind: 'Secret', metadata, stringData: {[key]: kubeconfig}}
}

describe.skipIf(!servers)('what is reported before any write', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  const secretPath = () => `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-west`

  it('a cluster that istioctl registered under the UID of kube-system', async () => {
    const system = await ground.cluster('west').api.get<{metadata: {uid: string}}>('/api/v1/namespaces/kube-system')
    const {uid} = system!.metadata
    const {api} = ground.cluster('east')
    await api.create(await remoteSecret(ground, uid, 'https://west.example:6443'))
    ground.reset()
    const {code, stderr} = await ground.federate(['--yes'])
    expect(stderr).toMatch(new RegExp(`^error: east: Secret \\S+ registers west already, as ${uid};`, 'm'))
    expect(code).toBe(3)
    expect(ground.writes()).toEqual([])

    const remove = removalOf(ground, 'west', 'east')
    const removed = await ground.mesh([...remove, '--yes'])
    expect(removed.stderr).toContain(`registers west as ${uid}; the Secret is removed`)
    expect(removed.stdout).toMatch(/^west +\S+ +left$/m)
    expect(removed.code).toBe(0)
    expect(await api.get(secretPath())).toBeUndefined()
  })

  it('a remote Secret of another owner for the private endpoint, with both addresses', async () => {
    const {api} = ground.cluster('east')
    await api.create(await remoteSecret(ground, 'west', 'https://10.0.0.9:6443'))
    ground.reset()
    const {code, stderr} = await ground.federate(['--yes'])
    expect(stderr).toContain(
      'registers west at https://10.0.0.9:6443; this run would register it at https://west.test:6443\nhint:  --server west=https://10.0.0.9:6443 keeps this address\n',
    )
    expect(code).toBe(3)
    expect(ground.writes()).toEqual([])
    await api.delete(secretPath())
  })

  it('discoverySelectors that ignore the gateway, with the label', async () => {
    const {api} = ground.cluster('east')
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
    const {data} = (await api.get<AnyObject & {data: {mesh: string}}>(path))!
    const selecting = `${data.mesh}\ndiscoverySelectors:\n- matchLabels: {istio-discovery: enabled}\n`
    const configMap = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'istio', namespace: ground.namespace}}
    await api.apply({...configMap, data: {...data, mesh: selecting}})
    ground.reset()
    const {code, stderr} = await ground.federate(['--yes'])
    expect(stderr).toContain(`error: west: istiod of east does not watch namespace ${ground.namespace}, `)
    expect(stderr).toContain(
      `hint:  kubectl --context west label namespace ${ground.namespace} istio-discovery=enabled\n`,
    )
    expect(code).toBe(3)
    expect(ground.writes()).toEqual([])
    await api.apply({...configMap, data})
  })
})

describe.skipIf(!servers)('networks', () => {
  it('of two clusters that are the same are reported before any write', async () => {
    const flat = await openGround(servers!, {controlPlane: () => ({network: 'network1'})})
    try {
      const {code, stderr} = await flat.federate(['--dry-run=server'])
      expect(stderr).toMatch(/^warning: west: the network is network1, as in east: /m)
      expect(stderr).toMatch(/^hint: {2}if they can: --single-network$/m)
      expect(code).toBe(0)
    } finally {
      await flat.close()
    }
  })
})
