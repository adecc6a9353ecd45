import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {readAll} from '../../support/ground/objects.ts'
import {removalOf} from '../../support/ground/removal.ts'
import {runOk} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('adopts objects that were created by other means', () => {
  let ground: Ground
  beforeEach(async () => {
    ground = await openGround(servers!)
  })
  afterEach(() => ground?.close())

  /** Applies objects with `kubectl apply -f -`. */
  async function applyByHand(cluster: string, objects: object[], args: string[] = []): Promise<void> {
    const {kubeconfig, context} = ground.cluster(cluster).direct
    const command = [await findKubectl(), '--kubeconfig', kubeconfig, '--context', context, 'apply', ...args, '-f', '-']
    await runOk(command, {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items: objects})})
  }

  /** Creates the objects of the multi-primary guide on istio.io: those of its samples and of `istioctl create-remote-secret`. */
  async function joinByHand(): Promise<void> {
    const {namespace} = ground
    const labels = (cluster: string) => ({
      app: 'istio-eastwestgateway',
      istio: 'eastwestgateway',
      'topology.istio.io/network': `${cluster}.${namespace}`,
    })
    const role = `istio-reader-clusterrole-${namespace}`
    const account = 'istio-reader-service-account'
    const tokenName = `${account}-istio-remote-secret-token`
    const rbac = {apiVersion: 'rbac.authorization.k8s.io/v1', metadata: {name: role}}
    for (const {cluster} of ground.clusters)
      await applyByHand(cluster, [
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: {name: namespace, labels: {'topology.istio.io/network': `${cluster}.${namespace}`}},
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: {name: 'istio-eastwestgateway', namespace, labels: labels(cluster)},
          spec: {
            type: 'LoadBalancer',
            selector: labels(cluster),
            ports: [15021, 15443, 15012, 15017].map(port => ({name: `p-${port}`, port, targetPort: port})),
          },
        },
        {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Gateway',
          metadata: {name: 'cross-network-gateway', namespace},
          spec: {
            selector: {istio: 'eastwestgateway'},
            servers: [
              {
                port: {number: 15443, name: 'tls', protocol: 'TLS'},
                tls: {mode: 'AUTO_PASSTHROUGH'},
                hosts: ['*.local'],
              },
            ],
          },
        },
        {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: account, namespace}},
        {
          ...rbac,
          kind: 'ClusterRole',
          rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch']}],
        },
        {
          ...rbac,
          kind: 'ClusterRoleBinding',
          roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role},
          subjects: [{kind: 'ServiceAccount', name: account, namespace}],
        },
        {
          apiVersion: 'v1',
          kind: 'Secret',
          type: 'kubernetes.io/service-account-token',
          metadata: {name: tokenName, namespace, annotations: {'kubernetes.io/service-account.name': account}},
        },
      ])
    for (const {cluster, api} of ground.clusters) {
      const secret = await filled(cluster, tokenName)
      const token = Buffer.from(secret.data.token!, 'base64').toString()
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          {
            name: cluster,
            cluster: {server: `https://${cluster}.test:6443`, 'certificate-authority-data': secret.data['ca.crt']},
          },
        ],
        users: [{name: cluster, user: {token}}],
        contexts: [{name: cluster, context: {cluster, user: cluster}}],
        'current-context': cluster,
      }
      for (const other of ground.clusters)
        if (other.api !== api)
          await applyByHand(other.cluster, [
            {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: {
                name: `istio-remote-secret-${cluster}`,
                namespace,
                labels: {'istio/multiCluster': 'true'},
                annotations: {'networking.istio.io/cluster': cluster},
              },
              stringData: {[cluster]: JSON.stringify(config)},
            },
          ])
    }
  }

  async function filled(cluster: string, name: string): Promise<{data: Record<string, string>}> {
    const path = `/api/v1/namespaces/${ground.namespace}/secrets/${name}`
    return expect
      .poll(() => ground.cluster(cluster).api.get<{data: Record<string, string>}>(path), {timeout: 30_000})
      .toMatchObject({data: {token: expect.any(String)}})
      .then(
        () =>
          ground.cluster(cluster).api.get<{data: Record<string, string>}>(path) as Promise<{
            data: Record<string, string>
          }>,
      )
  }

  /** Leaves out our record, and what the API server writes to a token Secret when the token is used. */
  const stripped = (objects: Record<string, AnyObject>) =>
    Object.fromEntries(
      Object.entries(objects)
        .filter(([path]) => !path.endsWith('/kubectl-mesh-federation'))
        .map(([path, {metadata, ...rest}]) => {
          if (!path.includes('/secrets ')) return [path, {metadata, ...rest}]
          const {resourceVersion, managedFields, labels, ...fixed} = metadata
          const otherManagers = (managedFields as {manager: string}[]).filter(
            ({manager}) => manager !== 'kube-apiserver',
          )
          const own = Object.entries(labels ?? {}).filter(([key]) => key !== 'kubernetes.io/legacy-token-last-used')
          return [path, {...rest, metadata: {...fixed, managedFields: otherManagers, labels: own}}]
        }),
    )

  it('adopts objects that fit: creates no duplicates, overwrites nothing, and joins all clusters', async () => {
    await joinByHand()
    const before = await Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace)))
    const shown = await ground.federate(['--dry-run=server'])
    expect(shown.code, shown.stderr).toBe(0)
    // Only our record is new.
    expect(shown.stdout).toMatch(/^# east: 1 to create, \d+ unchanged$/m)
    expect(shown.stdout.match(/^--- /gm)).toHaveLength(2)
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +- +203\.0\.113\.1 .* joined\nwest +- +203\.0\.113\.2 .* joined$/m)
    const after = await Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace)))
    expect(after.map(stripped)).toEqual(before.map(stripped))
    ground.reset()
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])

    // When a cluster leaves, objects of other owners remain, except the credentials.
    const remove = removalOf(ground, 'west', 'east')
    const plan = await ground.mesh([...remove, '--dry-run=server'])
    expect(
      plan.stdout
        .match(/^--- .*/gm)
        ?.map(line => line.replace(/.*\//, ''))
        .sort(),
    ).toEqual(['istio-remote-secret-east', 'istio-remote-secret-west', 'kubectl-mesh-federation'])
    expect(await ground.mesh([...remove, '--yes'])).toMatchObject({code: 0})
    const left = await Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace)))
    const withoutCredentials = (objects: Record<string, AnyObject>) =>
      Object.fromEntries(
        Object.entries(objects).filter(([path]) => !path.includes('istio-remote-secret-') || path.includes('reader')),
      )
    expect(left.map(stripped)).toEqual(before.map(withoutCredentials).map(stripped))
  })

  it('reports a revoked credential as a conflict with its owner; --force-conflicts replaces it', async () => {
    await joinByHand()
    const {namespace} = ground
    const secrets = `/api/v1/namespaces/${namespace}/secrets`
    // Beside another token, the certificate authority of the API server is known: here it is not that of the kubeconfig.
    const annotations = {'kubernetes.io/service-account.name': 'istio-reader-service-account'}
    const metadata = {name: 'another-token', namespace, annotations}
    await applyByHand('west', [
      {apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata},
    ])
    await filled('west', 'another-token')
    // Revokes the token that east holds.
    await ground.cluster('west').api.delete(`${secrets}/istio-reader-service-account-istio-remote-secret-token`)
    ground.reset()
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(ground.writes()).toEqual([])
    expect(stderr).toMatch(
      /^error: east: secret\/istio-remote-secret-west in \S+: .*data.* \(kubectl-client-side-apply\)/m,
    )
    expect(stderr).toMatch(/^hint: {2}take these fields over: add --force-conflicts$/m)
    const forced = await ground.federate(['--yes', '--force-conflicts'])
    expect(forced.code, forced.stderr).toBe(0)
    expect(forced.stdout).toMatch(/^east .* joined$/m)
    expect((await ground.federate(['--dry-run=server', '--exit-code'])).code).toBe(0)
  })

  it('reports object, field and owner of a value that differs, and writes nothing; --force-conflicts overwrites it', async () => {
    const {namespace} = ground
    await applyByHand(
      'west',
      [
        {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Gateway',
          metadata: {name: 'cross-network-gateway', namespace},
          spec: {
            selector: {istio: 'another'},
            servers: [
              {port: {number: 15443, name: 'tls', protocol: 'TLS'}, tls: {mode: 'AUTO_PASSTHROUGH'}, hosts: ['a.test']},
            ],
          },
        },
      ],
      ['--server-side', '--field-manager', 'argo-cd'],
    )
    ground.reset()
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(ground.writes()).toEqual([])
    expect(stderr).toMatch(
      /^error: west: gateway\.networking\.istio\.io\/cross-network-gateway in \S+: other managers own .*\.spec\.selector\.istio \(argo-cd\)/m,
    )
    const shown = await ground.federate(['--dry-run=server'])
    expect(shown.stdout).toMatch(/^# west: .*1 in conflict/m)
    const forced = await ground.federate(['--yes', '--force-conflicts'])
    expect(forced.code, forced.stderr).toBe(0)
    const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/gateways/cross-network-gateway`
    expect(await ground.cluster('west').api.get(path)).toMatchObject({spec: {selector: {istio: 'eastwestgateway'}}})
  })

  it.each([
    ['of another field manager', ['--server-side', '--field-manager', 'argo-cd'], 'argo-cd'],
    ['without a known owner', undefined, 'unknown'],
  ])('a network label %s is overwritten only with --force-conflicts', async (_about, args, owner) => {
    const {namespace} = ground
    const labelled = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: namespace, labels: {'topology.istio.io/network': 'theirs'}},
    }
    if (args) await applyByHand('west', [labelled], args)
    else {
      const {kubeconfig, context} = ground.cluster('west').direct
      const kubectl = [await findKubectl(), '--kubeconfig', kubeconfig, '--context', context]
      await runOk([...kubectl, 'label', 'namespace', namespace, 'topology.istio.io/network=theirs'])
    }
    ground.reset()
    const {code, stdout, stderr} = await ground.federate(['--yes', '--network', `west=west.${namespace}`])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(
      new RegExp(
        `^error: west: namespace/\\S+: other managers own values that would change: label topology\\.istio\\.io/network is theirs \\(${owner}\\)$`,
        'm',
      ),
    )
    expect(ground.writes()).toEqual([])
    const forced = await ground.federate(['--yes', '--network', `west=west.${namespace}`, '--force-conflicts'])
    expect(forced.code, forced.stderr).toBe(0)
  })
})
