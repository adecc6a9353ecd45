import {readFile} from 'node:fs/promises'
import {connect, createServer, type Socket} from 'node:net'
import {createSecureContext, TLSSocket} from 'node:tls'
import {load} from 'js-yaml'
import {afterEach, describe, expect, it} from 'vitest'
import {makeRootPair} from '../../../support/ground/certificates.ts'
import {type Ground, type GroundCluster, openGround} from '../../../support/ground/ground.ts'
import {succeeded} from '../../../support/ground/succeeded.ts'
import {listen} from '../../../support/listen.ts'
import type {AnyObject} from '../../../support/servers/api.ts'
import {sharedServers} from '../../../support/servers/shared.ts'

const servers = sharedServers()

interface ClusterRole extends AnyObject {
  rules: {resources?: string[]}[]
}

describe.skipIf(!servers)('mesh federate rotate proves a token before it is written', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  const scope = () => ['--contexts', 'east,west', '--system-namespace', ground.namespace]
  const join = async (west: string) => {
    const addresses = ['--server', 'east=https://east.test:6443', '--server', `west=${west}`]
    succeeded(await ground.mesh(['federate', ...scope(), ...addresses, '--yes']))
  }
  const rotateWest = () => ground.mesh(['federate', 'rotate', ...scope(), '--yes', '--cluster', 'west'])
  /** The remote Secret of east for west, and the names of the Secrets behind the tokens of west. */
  const held = async () => {
    const path = `/api/v1/namespaces/${ground.namespace}/secrets`
    const secret = await ground.cluster('east').api.get(`${path}/istio-remote-secret-west`)
    const all = await ground.cluster('west').api.get<{items: AnyObject[]}>(path)
    const tokens = all!.items.map(({metadata}) => metadata.name).filter(name => name.startsWith('istio-remote-token'))
    return {data: secret!.data, tokens}
  }

  it('against the rights of its account', async () => {
    ground = await openGround(servers!)
    // Through the proxy of the ground, requests would have the rights of an administrator.
    await join(await serverOf(ground.cluster('west')))
    const before = await held()
    const {api} = ground.cluster('west')
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    const {items} = (await api.get<{items: ClusterRole[]}>(roles))!
    const [role] = items.filter(
      ({metadata}) => /reader/.test(metadata.name) && metadata.name.includes(ground.namespace),
    )
    const rules = role!.rules.filter(({resources}) => !resources?.includes('endpointslices'))
    expect(rules.length).toBeLessThan(role!.rules.length)
    // Objects of a list have no type.
    await api.replace({...role!, apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', rules}, 'test')

    const {code, stderr} = await rotateWest()
    expect(stderr).toContain('west: the new token for east does not permit istiod to list endpointslices')
    expect(code, stderr).toBe(4)
    expect(await held()).toEqual(before)
  })

  it('against the certificate of the server that it is for', async () => {
    ground = await openGround(servers!)
    const front = await openFront(ground.cluster('west'))
    try {
      await join(front.url)
      const before = await held()
      front.replaced = await makeRootPair('replaced')

      const {code, stderr} = await rotateWest()
      expect(stderr).toContain(`cannot be used: the certificate of ${front.url} was rejected`)
      expect(code, stderr).toBe(4)
      expect(await held()).toEqual(before)
    } finally {
      front.close()
    }
  })
})

/** The address of the API server of a cluster. */
async function serverOf({direct}: GroundCluster): Promise<string> {
  const config = load(await readFile(direct.kubeconfig, 'utf8')) as {
    clusters: {name: string; cluster: {server: string}}[]
  }
  return config.clusters.find(({name}) => name === direct.context)!.cluster.server
}

/** A second address of the API server of a cluster, which shows the certificate `replaced` when that is set. */
async function openFront(cluster: GroundCluster) {
  const {hostname, port} = new URL(await serverOf(cluster))
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket)))
    if (front.replaced) {
      new TLSSocket(socket, {isServer: true, secureContext: createSecureContext(front.replaced)}).on('error', () =>
        socket.destroy(),
      )
      return
    }
    const upstream = connect(Number(port), hostname).on('error', () => socket.destroy())
    socket.pipe(upstream).pipe(socket)
  })
  const front = {
    url: `https://127.0.0.1:${await listen(server)}`,
    replaced: undefined as {key: string; cert: string} | undefined,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
  return front
}
