import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {untilAllowed} from '../../support/ground/allowed.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** The permission to write everything that a federation needs, and to list only what it reads. */
const clusterRules = [
  {apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create', 'patch']},
  {apiGroups: [''], resources: ['services'], verbs: ['list']},
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'clusterrolebindings'],
    verbs: ['get', 'list', 'create', 'patch', 'delete', 'escalate', 'bind'],
  },
  {apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get']},
]

describe.skipIf(!servers)('requests of federate on real API servers', () => {
  let ground: Ground
  let seen: number[]
  beforeAll(async () => {
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  /** Runs `mesh federate` and returns the requests that each cluster received. */
  async function requestsOf(args: string[]): Promise<string[][]> {
    seen = ground.clusters.map(({proxy}) => proxy.requests.length)
    const {code, stderr} = await ground.federate([...args, '--yes'])
    expect(code, stderr).toBe(0)
    return ground.clusters.map(({proxy}, at) =>
      proxy.requests.slice(seen[at]).map(({method, url}) => `${method} ${url}`),
    )
  }

  it('a join sends at most 80 to each cluster, and a run that changes nothing at most 30, each read once', async () => {
    // What it waits for is read again until it is ready.
    const awaited = /^GET \S+\/(istio-eastwestgateway|istio-remote-token-\w+)$/
    for (const requests of await requestsOf([])) {
      const counted = requests.filter((request, at) => !awaited.test(request) || requests.indexOf(request) === at)
      expect(counted.length, requests.join('\n')).toBeLessThanOrEqual(80)
    }
    for (const requests of await requestsOf([])) {
      expect(requests.length, requests.join('\n')).toBeLessThanOrEqual(30)
      const reads = requests.filter(request => request.startsWith('GET '))
      expect(new Set(reads).size, requests.join('\n')).toBe(reads.length)
    }
  })

  it('lists Secrets and Deployments only in the system namespace', async () => {
    const requests = (await requestsOf([])).flat()
    const paths = requests.map(request => request.split(/[ ?]/)[1]!)
    expect(paths.filter(path => /\/(secrets|deployments|serviceaccounts|roles|rolebindings)$/.test(path))).toSatisfy(
      (all: string[]) => all.length > 0 && all.every(path => path.includes(`/namespaces/${ground.namespace}/`)),
    )
  })

  it('an administrator who may not list Secrets in all namespaces can join clusters', async () => {
    const [apiGroup, name] = ['rbac.authorization.k8s.io', `${ground.namespace}-admin`]
    const apiVersion = `${apiGroup}/v1`
    const subjects = [{apiGroup, kind: 'User', name}]
    const other = await openGround(servers!)
    try {
      for (const {api} of other.clusters) {
        await api.apply({apiVersion, kind: 'ClusterRole', metadata: {name}, rules: clusterRules})
        const roleRef = {apiGroup, kind: 'ClusterRole', name}
        await api.apply({apiVersion, kind: 'ClusterRoleBinding', metadata: {name}, roleRef, subjects})
        const admin = {apiGroup, kind: 'ClusterRole', name: 'cluster-admin'}
        const metadata = {name, namespace: other.namespace}
        await api.apply({apiVersion, kind: 'RoleBinding', metadata, roleRef: admin, subjects})
        await untilAllowed(api, name, {verb: 'patch', resource: 'secrets', namespace: other.namespace})
      }
      const {code, stdout, stderr} = await other.federate(['--yes', '--as', name])
      expect(code, stderr).toBe(0)
      expect(stdout.match(/ joined$/gm), stdout).toHaveLength(2)
    } finally {
      await other.close()
    }
  })
})
