import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {makeRoot} from '../../support/ground/certificates.ts'
import {type Ground, type GroundOptions, openGround} from '../../support/ground/ground.ts'

const servers = inject('servers')

describe.skipIf(!servers)('the preflight refuses before any write', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  /** What stderr says of a run that is refused with nothing written. */
  async function refused(options: GroundOptions, args: string[] = []): Promise<string> {
    ground = await openGround(servers!, options)
    const {code, stdout, stderr} = await ground.federate(['--yes', ...args])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(ground.writes()).toEqual([])
    return stderr
  }

  const inWest = (plane: object): GroundOptions => ({
    controlPlane: context => (context === 'west' ? plane : {}),
  })

  it('another mesh ID', async () => {
    const stderr = await refused(inWest({meshID: 'other'}))
    expect(stderr).toMatch(
      /^error: west: mesh ID is other, the mesh's is mesh1\nhint: {2}istioctl install --context west .*--set values\.global\.meshID=mesh1 /m,
    )
  })

  it('no mesh ID, where one is asked for', async () => {
    const stderr = await refused({controlPlane: () => ({meshID: ''})}, ['--mesh-id', 'm'])
    expect(stderr).toMatch(/^error: east: mesh ID is not set, the mesh's is m$/m)
    expect(stderr).toMatch(/^error: west: mesh ID is not set, the mesh's is m$/m)
  })

  it('a control plane that calls its cluster otherwise', async () => {
    const stderr = await refused({}, ['--cluster-name', 'west=occident'])
    expect(stderr).toMatch(/^error: occident: its istiod calls the cluster west, the mesh would call it occident$/m)
    expect(stderr).toMatch(/^hint: {2}istioctl install --context west .*clusterName=occident/m)
    expect(stderr).toMatch(/^hint: {2}or --cluster-name west=west$/m)
  })

  it('a control plane that was never given a name', async () => {
    const stderr = await refused(inWest({clusterName: undefined}))
    expect(stderr).toMatch(/^error: west: its istiod calls the cluster Kubernetes, the mesh would call it west$/m)
    expect(stderr).toMatch(/^hint: {2}istioctl install --context west .*clusterName=west/m)
  })

  it('proxies with another network', async () => {
    const stderr = await refused({}, ['--network', 'west=elsewhere'])
    expect(stderr).toMatch(/^error: west: its proxies have the network west\.\S+, the mesh calls it elsewhere$/m)
    expect(stderr).toMatch(/^hint: {2}istioctl install .*values\.global\.network=elsewhere/m)
  })

  it('another trust domain', async () => {
    const stderr = await refused(inWest({trustDomain: 'west.test'}))
    expect(stderr).toMatch(
      /^error: west: trust domain is west\.test, the mesh's is cluster\.local\nhint: {2}istioctl install .*trustDomain=cluster\.local/m,
    )
  })

  it('no control plane, and none of the revision', async () => {
    const none = await refused({controlPlane: context => (context === 'west' ? false : {})})
    expect(none).toMatch(
      /^error: west: no istiod without a revision in namespace \S+\nhint: {2}istioctl install --context west /m,
    )
    await ground.close()
    const other = await refused({}, ['--revision', 'canary'])
    expect(other).toMatch(
      /^error: east: no istiod of revision canary in namespace \S+\nhint: {2}revisions there: default/m,
    )
  })

  it('different roots, and a root that nobody knows', async () => {
    const root = await makeRoot('other')
    const different = await refused(inWest({rootCert: root}))
    expect(different).toMatch(
      /^error: west: its root CA \((\w\w:){31}\w\w\) is not that of east \((\w\w:){31}\w\w\): mTLS between them would fail\nhint: {2}kubectl mesh ca init/m,
    )
    await ground.close()
    const unknown = await refused(inWest({rootCert: undefined}))
    expect(unknown).toMatch(/^error: west: its root CA is not known/m)
  })

  it('a loopback address, where no --server says another', async () => {
    ground = await openGround(servers!)
    const contexts = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const said = await ground.mesh(['federate', ...contexts, '--server', 'east=https://east.test', '--yes'])
    expect(said).toMatchObject({code: 3, stdout: ''})
    expect(said.stderr).toMatch(
      /^error: west: its API server address https:\/\/127\.0\.0\.1:\d+ is a loopback address/m,
    )
    expect(said.stderr).toMatch(/^hint: {2}--server west=https:\/\/HOST:PORT/m)
    expect(said.stderr).not.toMatch(/^error: east/m)
    expect(ground.writes()).toEqual([])
  })

  it('a user without the rights, each of them named', async () => {
    ground = await openGround(servers!)
    const {api} = ground.cluster('west')
    const name = `only-looks-${ground.namespace}`
    const subjects = [{kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io'}]
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
    const {code, stdout, stderr} = await ground.federate(['--yes', '--as', 'jane'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    const missing = [...stderr.matchAll(/^error: west: you may not (.*)$/gm)].map(([, what]) => what)
    expect(missing).toEqual(
      expect.arrayContaining([
        'patch namespaces',
        'create clusterroles.rbac.authorization.k8s.io',
        `create gateways.networking.istio.io in ${ground.namespace}`,
        `patch rolebindings.rbac.authorization.k8s.io in ${ground.namespace}`,
      ]),
    )
    expect(missing.join()).not.toMatch(/secrets|deployments|disruption/)
    expect(stderr).not.toMatch(/^error: east/m)
    expect(stderr).toMatch(/^hint: /m)
    expect(ground.writes()).toEqual([])
  })

  it('a user who may not even look', async () => {
    ground = await openGround(servers!)
    const {code, stderr} = await ground.federate(['--yes', '--as', 'nobody'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error: east: .*User "nobody" cannot /m)
    expect(stderr).toMatch(/^error: west: .*User "nobody" cannot /m)
    expect(ground.writes()).toEqual([])
  })

  it('a cluster at which nobody listens', async () => {
    ground = await openGround(servers!)
    const file = join(ground.folder, 'nobody')
    const config = (await readFile(ground.cluster('west').proxy.kubeconfig, 'utf8')).replaceAll(
      /127\.0\.0\.1:\d+/g,
      '127.0.0.1:1',
    )
    await writeFile(file, config)
    const [east] = ground.clusters
    const said = await ground.federate(['--yes'], {env: {KUBECONFIG: `${east!.proxy.kubeconfig}:${file}`}})
    expect(said).toMatchObject({code: 3, stdout: ''})
    expect(said.stderr).toMatch(/^error: west: .*https:\/\/127\.0\.0\.1:1: .*REFUSED/m)
    expect(said.stderr).toMatch(/^hint: {2}kubectl --context '?west'? version$/m)
    expect(ground.writes()).toEqual([])
  })

  it("no CRDs of Istio's", async () => {
    ground = await openGround(servers!)
    const gone = {kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message: 'not found'}
    ground.cluster('west').proxy.decide = ({url}) =>
      url.includes('.istio.io') && !url.includes('reviews') ? {status: 404, body: gone} : 'pass'
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stdout}, stderr).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(
      /^error: west: Istio's resource definitions \(CRDs\) are missing\nhint: {2}istioctl install --context west /m,
    )
    expect(ground.writes()).toEqual([])
  })

  it('several things at once are told at once', async () => {
    const stderr = await refused(inWest({meshID: 'other', trustDomain: 'west.test', clusterName: 'x'}), [
      ...['--cluster-name', 'west=west'],
    ])
    expect(stderr.match(/^error: west: /gm)).toHaveLength(3)
  })
})
