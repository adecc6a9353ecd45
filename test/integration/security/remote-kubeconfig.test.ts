import {existsSync} from 'node:fs'
import http from 'node:http'
import type net from 'node:net'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {makeRoot} from '../../support/ground/certificates.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {listen} from '../../support/listen.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

interface Kubeconfig {
  clusters: {cluster: Record<string, string>}[]
  users: {user: Record<string, string>}[]
}

interface Secret extends AnyObject {
  data: Record<string, string>
}

describe.skipIf(!servers)('a remote Secret that whoever can write Secrets in the system namespace created', () => {
  let ground: Ground
  let foreign: net.Server
  let connections = 0
  beforeEach(async () => {
    ground = await openGround(servers!)
    connections = 0
    foreign = http.createServer().on('connection', socket => {
      connections++
      socket.destroy()
    })
  })
  afterEach(async () => {
    foreign.close()
    await ground?.close()
  })

  const secretPath = (name: string) => `/api/v1/namespaces/${ground.namespace}/secrets/${name}`
  const secretIn = (cluster: string, name: string) => ground.cluster(cluster).api.get<Secret>(secretPath(name))

  /** Creates a Secret in east whose kubeconfig for west has a working token, and everything else that is dangerous. */
  async function createHostile(proof: string): Promise<void> {
    const own = (await secretIn('east', 'istio-remote-secret-west'))!
    const token = /token: "?([^\s"]+)/.exec(Buffer.from(own.data.west!, 'base64').toString())![1]
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'west',
      clusters: [
        {
          name: 'west',
          cluster: {
            server: 'https://west.test:6443',
            'insecure-skip-tls-verify': true,
            'proxy-url': `http://127.0.0.1:${await listen(foreign)}`,
          },
        },
      ],
      contexts: [{name: 'west', context: {cluster: 'west', user: 'west'}}],
      users: [
        {
          name: 'west',
          user: {
            token,
            tokenFile: '/etc/hostname',
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: '/bin/sh',
              args: ['-c', `touch ${proof}`],
              interactiveMode: 'Never',
            },
            'auth-provider': {name: 'gcp', config: {'cmd-path': '/bin/sh', 'cmd-args': `-c "touch ${proof}"`}},
          },
        },
      ],
    }
    await ground.cluster('east').api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'a-hostile', namespace: ground.namespace, labels: {'istio/multiCluster': 'true'}},
      stringData: {west: JSON.stringify(kubeconfig)},
    } as unknown as AnyObject)
  }

  it('is a finding, is never used to connect, and never replaces our credential', async () => {
    const first = await ground.federate(['--yes'])
    expect(first.code, first.stderr).toBe(0)
    const own = await secretIn('east', 'istio-remote-secret-west')
    const proof = join(ground.folder, 'proof')
    await createHostile(proof)
    ground.reset()

    const finding = /a-hostile for west sets exec and tokenFile and auth-provider, which istiod rejects/
    const read = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const results = [
      await ground.federate(['--yes']),
      await ground.mesh(['federate', 'status', ...read]),
      await ground.mesh(['federate', 'verify', ...read]),
    ]
    expect(results[0]!.code).toBe(3)
    for (const {stdout, stderr} of results) {
      expect(stdout + stderr).toMatch(finding)
      expect(stdout + stderr).toMatch(/insecure-skip-tls-verify/)
      expect(stdout + stderr).toMatch(/sets proxy-url: istiod would connect through 127\.0\.0\.1/)
    }
    expect(results[1]!.stdout).toMatch(/✘ unusable/)
    expect(ground.writes()).toEqual([])
    expect((await secretIn('east', 'istio-remote-secret-west'))?.data).toEqual(own!.data)
    expect({connections, ran: existsSync(proof)}).toEqual({connections: 0, ran: false})
  })

  // With a working token of the right account, only the server and its certificate authority show whom istiod would ask.
  it('with another server, certificate authority or user is a finding, and is not adopted', async () => {
    const first = await ground.federate(['--yes'])
    expect(first.code, first.stderr).toBe(0)
    const own = await secretIn('east', 'istio-remote-secret-west')
    const {clusters, users, ...rest} = load(Buffer.from(own!.data.west!, 'base64').toString()) as Kubeconfig
    const foreignAuthority = Buffer.from(await makeRoot('foreign')).toString('base64')
    clusters[0]!.cluster = {server: 'https://evil.example', 'certificate-authority-data': foreignAuthority}
    users[0]!.user.as = 'system:admin'
    await ground.cluster('east').api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'a-hostile', namespace: ground.namespace, labels: {'istio/multiCluster': 'true'}},
      stringData: {west: JSON.stringify({...rest, clusters, users})},
    } as unknown as AnyObject)
    ground.reset()
    const read = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const refused = await ground.federate(['--yes'])
    expect(refused.code).toBe(3)
    for (const {stdout, stderr} of [refused, await ground.mesh(['federate', 'verify', ...read])]) {
      expect(stdout + stderr).toMatch(/a-hostile for west sets as: istiod would not connect as the service account/)
      expect(stdout + stderr).toMatch(/trusts a certificate authority that west does not use/)
      expect(stdout + stderr).toMatch(/connects to evil.example; expected west.test:6443, the API server of west/)
    }
    expect((await ground.mesh(['federate', 'status', ...read])).stdout).toMatch(/✘ unusable/)
    expect(ground.writes()).toEqual([])
  })
})
