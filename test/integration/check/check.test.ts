import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {rootCert} from '../../support/ground/certificates.ts'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

interface Report {
  clusters: {cluster: string; read: boolean}[]
  expiries: {cluster: string; kind: string; daysLeft: number}[]
  groups: {group: string; findings: {check: string; cluster?: string; level: string; message: string}[]}[]
}

describe.skipIf(!servers)('mesh check on real API servers', () => {
  let ground: Ground
  // The shared servers have control planes of other tests, which `mesh check` would check too.
  let own: RunningServers
  beforeAll(async () => {
    own = await startServers(['east', 'west'])
    ground = await openGround(own, {controlPlane: () => ({version: '1.31.1'})})
    for (const {api} of ground.clusters)
      for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])
        await api.apply(webhookOf(kind, ground.namespace, await rootCert()))
    expect((await ground.federate(['--yes', '--credential-duration', '24h'])).code).toBe(0)
  })
  afterAll(async () => {
    await ground?.close()
    await own?.stop()
  })

  const check = (...args: string[]) => {
    const contexts = ground.clusters.map(({context}) => context).join(',')
    return ground.mesh(['check', '--contexts', contexts, '--system-namespace', ground.namespace, ...args])
  }
  const reported = async (...args: string[]) => {
    const {code, stdout, stderr} = await check('-o', 'json', ...args)
    expect(stdout, stderr).toMatch(/^\{/)
    const report = JSON.parse(stdout) as Report
    return {code, report, found: report.groups.flatMap(({findings}) => findings)}
  }
  const idsOf = (found: {check: string}[]) => [...new Set(found.map(one => one.check))]

  it('lists tokens and roots by the days that are left, finds no drift, and writes nothing', async () => {
    ground.reset()
    const {code, report, found} = await reported('--within', '1h')
    expect(code, JSON.stringify(found, null, 2)).toBe(0)
    expect(report.expiries.map(({kind}) => kind)).toEqual(['credential', 'credential', 'root CA', 'root CA'])
    expect(report.expiries.map(({daysLeft}) => daysLeft)).toEqual(
      report.expiries.map(one => one.daysLeft).sort((a, b) => a - b),
    )
    expect(idsOf(found)).not.toContain('drift')
    expect(idsOf(found)).not.toContain('not-checked')
    expect(ground.clusters.flatMap(({proxy}) => proxy.requests).filter(isWrite).length).toBeGreaterThan(0)
    expect(ground.writes()).toEqual([])
  })

  it('a token that expires soon is a warning; --severity decides about the exit code', async () => {
    expect((await reported()).code).toBe(0)
    const {code, found} = await reported('--severity', 'warning')
    expect(code).toBe(5)
    expect(found.filter(one => one.check === 'expiry-credential')).toHaveLength(2)
  })

  it('drift: a removed object and a changed one are named', async () => {
    const [{api, cluster}] = ground.clusters as [Ground['clusters'][0]]
    const base = `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/cross-network-gateway`
    await api.delete(base)
    const {found} = await reported()
    expect(found.filter(one => one.check === 'drift')).toMatchObject([
      {cluster, level: 'warning', message: expect.stringContaining('cross-network-gateway in namespace')},
    ])
    expect((await ground.federate(['--yes'])).code).toBe(0)
    expect(idsOf((await reported()).found)).not.toContain('drift')
  })

  it('a webhook of Istio without its Service is an error in every format', async () => {
    const [{api, cluster}] = ground.clusters as [Ground['clusters'][0]]
    const name = `gone-${ground.namespace}`
    await api.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {name, labels: {'istio.io/rev': 'gone'}},
      webhooks: [
        {
          name: 'gone.istio.io',
          clientConfig: {service: {namespace: ground.namespace, name: 'istiod-gone'}},
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          failurePolicy: 'Ignore',
        },
      ],
    })
    try {
      const {code, found} = await reported()
      expect(code).toBe(5)
      expect(found.filter(one => one.check === 'webhook-service')).toMatchObject([{cluster, level: 'error'}])
      const table = await check()
      expect(table.stdout).toMatch(
        new RegExp(`^✘ ${cluster} .*istiod-gone, which does not exist {2}\\[webhook-service\\]$`, 'm'),
      )
      expect((await check('-o', 'junit')).stdout).toMatch(/<failure type="webhook-service"/)
      expect((await check('-o', 'prometheus')).stdout).toContain(
        `kubectl_mesh_check_findings{check="webhook-service",cluster="${cluster}",severity="error"} 1`,
      )
    } finally {
      await api.delete(`/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${name}`)
    }
  })

  it('a cluster that does not answer is an error, and the others are still checked', async () => {
    const [, lost] = ground.clusters as [Ground['clusters'][0], Ground['clusters'][0]]
    lost.proxy.decide = () => 'reset'
    const {code, report, found} = await reported()
    ground.reset()
    expect(code).toBe(5)
    expect(report.clusters.find(one => one.cluster === lost.cluster)).toMatchObject({read: false})
    expect(idsOf(found)).toEqual(expect.arrayContaining(['reachable', 'lost-cluster', 'expiry-credential']))
  })
})

/** A webhook configuration of revision `default`, with the CA bundle that istiod sets. */
function webhookOf(kind: string, namespace: string, root: string): AnyObject {
  const caBundle = Buffer.from(root).toString('base64')
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: {name: 'istio-own', labels: {'istio.io/rev': 'default'}},
    webhooks: [
      {
        name: 'own.istio.io',
        clientConfig: {service: {namespace, name: 'istiod'}, caBundle},
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Ignore',
      },
    ],
  }
}
