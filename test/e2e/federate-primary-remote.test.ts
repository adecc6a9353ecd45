import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {showDebugPages} from '../support/lab/debug-pages.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/lab/mesh.ts'
import {deploySample} from '../support/lab/sample.ts'

interface Case {
  primary: string
  remote: string
  /** Address that the lab assigns to the gateway of the primary. */
  primaryGateway: string
  /** Address of the gateway of the remote cluster. The test assigns it to the Service before the gateway has a pod, like a cloud provider. */
  remoteGateway: string
  revision?: string
  systemNamespace: string
}

const cases: [string, Case][] = [
  [
    'east serves west',
    {
      primary: 'east',
      remote: 'west',
      primaryGateway: '203.0.113.121',
      remoteGateway: '203.0.113.142',
      systemNamespace: 'istio-system',
    },
  ],
  [
    'a revision in a separate namespace: west serves east',
    {
      primary: 'west',
      remote: 'east',
      primaryGateway: '203.0.113.141',
      remoteGateway: '203.0.113.122',
      systemNamespace: 'mesh',
      revision: 'canary',
    },
  ],
]
const versions = {east: 'v1', west: 'v2'} as const
const url = 'http://helloworld.sample.svc.cluster.local:5000/hello'
const requests = 20

/** Upstream Envoy lacks Istio's metrics filter (test/lab/README.md). An istioctl that is built from source has no default tag. */
const values = ['--set', 'values.telemetry.enabled=false', '--set', 'values.global.tag=1.31.0']

describe.skipIf(!inject('lab').dataplane).each(cases)(
  'mesh federate --mode primary-remote on two empty clusters: %s',
  (_, {primary, remote, primaryGateway, remoteGateway, revision, systemNamespace}) => {
    let lab: DataPlaneLab
    const where = ['--system-namespace', systemNamespace, ...(revision ? ['--revision', revision] : [])]
    let federate: string[]
    const clients = new Map<string, string>()

    const there = (cluster: string, kind: string, label: string) =>
      vi.waitUntil(
        async () =>
          (await lab
            .kubectl(cluster, ['-n', systemNamespace, 'get', kind, '-l', label, '-o', 'name'])
            .catch(() => '')) !== '',
        {timeout: 60_000, interval: 300},
      )

    beforeAll(async () => {
      lab = await startLab({clusters: ['east', 'west'], dataplane: true})
      const mode = ['--mode', 'primary-remote', '--primary', primary, '--control-plane', 'istioctl', ...values]
      const all = ['--contexts', 'east,west', ...where, ...(await serverFlags(lab))]
      federate = ['federate', ...mode, ...all, '--timeout', '120s']
    })

    afterAll(() => lab?.stop())

    test('one command gives the remote a control plane in the other cluster', async () => {
      const federated = mesh(lab, [...federate, '--yes'])
      await there(primary, 'pod', 'app=istiod')
      const {http} = await lab.istiod(primary, {systemNamespace, ...(revision ? {revision} : {})})
      await there(primary, 'pod', 'istio=eastwestgateway')
      await lab.real(primary)
      await there(remote, 'service', 'istio=eastwestgateway')
      await lab.setAddress(remote, systemNamespace, 'istio-eastwestgateway', remoteGateway)
      const {code, stdout, stderr} = await federated
      expect({code, stdout, stderr}).toMatchObject({code: 0})
      expect(stdout).toMatch(new RegExp(`^${primary} .* own .* joined$`, 'm'))
      expect(stdout).toMatch(new RegExp(`^${remote} .* of ${primary} .* joined$`, 'm'))
      await there(remote, 'pod', 'istio=eastwestgateway')
      await lab.pod(remote, systemNamespace, 'istio=eastwestgateway')
      await lab.loadBalancer(remote, systemNamespace, 'istio-eastwestgateway', remoteGateway, 'istio=eastwestgateway')
      await showDebugPages(lab, primary, http, systemNamespace)
      expect(await lab.kubectl(remote, ['-n', systemNamespace, 'get', 'deployments', '-l', 'app=istiod'])).toBe('')
    })

    test('both clusters answer requests from both', async () => {
      for (const name of ['east', 'west'] as const) {
        await deploySample(lab, name, versions[name], revision)
        await lab.kubectl(name, ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
        await lab.pod(name, 'sample', 'app=helloworld')
        clients.set(name, await lab.pod(name, 'sample', 'app=client'))
      }
      for (const client of clients.values())
        await expect
          .poll(() => lab.count(client, requests, url), {timeout: 60_000})
          .toEqual({v1: expect.any(Number), v2: expect.any(Number)})
    })

    test('a proxy of the remote cluster has endpoints in both, and a certificate from istiod of the primary', async () => {
      const {stdout} = await lab.exec(clients.get(remote)!, ['curl', '-s', 'localhost:15000/clusters'])
      const endpoints = stdout.match(
        /^outbound\|5000\|\|helloworld\.sample\.svc\.cluster\.local::[\d.]+:\d+::cx_total/gm,
      )
      expect(endpoints).toHaveLength(2)
      expect(endpoints).toContainEqual(expect.stringContaining(`::${primaryGateway}:15443::`))
      const certificates = await lab.exec(clients.get(remote)!, ['curl', '-s', 'localhost:15000/certs'])
      expect(certificates.stdout).toContain('spiffe://cluster.local/ns/sample/sa/default')
    })

    test('a second run changes nothing', async () => {
      const second = await mesh(lab, [...federate, '--dry-run=server', '--exit-code'])
      expect(second).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/^# east: \d+ unchanged\n# west: \d+ unchanged\n$/),
      })
    })

    test('verify and status recognize the primary and the remote cluster, and find no errors', async () => {
      const verify = ['federate', 'verify', '--contexts', 'east,west', ...where]
      await expect
        .poll(async () => (await mesh(lab, verify)).stdout, {timeout: 60_000})
        .toMatch(/^no errors, no warnings$/m)
      const status = await meshOk(lab, ['federate', 'status', '--contexts', 'east,west', ...where])
      expect(status).toMatch(new RegExp(`^${remote} +${remote} +of ${primary} .* ✔`, 'm'))
      expect(status).not.toContain('✘')
    })

    test('verify reports errors for the cluster that they concern', async () => {
      const verify = ['federate', 'verify', '--contexts', 'east,west', ...where]
      const vs = revision ? `istiod-vs-${revision}` : 'istiod-vs'
      await lab.kubectl(primary, ['-n', systemNamespace, 'delete', 'virtualservice', vs])
      const annotation = 'topology.istio.io/controlPlaneClusters'
      await lab.kubectl(remote, ['annotate', '--overwrite', 'namespace', systemNamespace, `${annotation}=north`])
      const {code, stdout} = await mesh(lab, [...verify, '-o', 'json'])
      expect(code).toBe(5)
      const {verified} = JSON.parse(stdout) as {
        verified: {findings: {check: string; cluster: string; hints: string[]}[]}[]
      }
      expect(
        verified.flatMap(({findings}) => findings.map(({check, cluster}) => `${cluster} ${check}`)).sort(),
      ).toEqual([`${primary} istiod-exposed`, `${remote} remote-annotation`].sort())
      await lab.kubectl(remote, ['annotate', 'namespace', systemNamespace, `${annotation}-`])
      await meshOk(lab, [...federate, '--yes'])
      expect(await meshOk(lab, verify)).toContain('no errors')
    })

    test('the primary cannot leave before its remote cluster', async () => {
      const leave = ['federate', 'remove', ...where, '--contexts', primary, '--from', remote, '--yes']
      expect(await mesh(lab, leave)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(`${primary} is the primary of ${remote}`),
      })
    })

    test('after remove, the primary answers its own requests, and the remote cluster has no objects of Istio', async () => {
      await meshOk(lab, ['federate', 'remove', ...where, '--contexts', remote, '--from', primary, '--yes'])
      await expect
        .poll(() => lab.count(clients.get(primary)!, requests, url), {timeout: 60_000})
        .toEqual({[versions[primary as 'east' | 'west']]: requests})
      const kinds = 'mutatingwebhookconfigurations,deployments,services,gateways,clusterroles,clusterrolebindings'
      expect(await lab.kubectl(remote, ['get', kinds, '-A', '-o', 'name'])).not.toMatch(/istio/)
      const namespace = await lab.kubectl(remote, ['get', 'namespace', systemNamespace, '-o', 'yaml'])
      expect(namespace).not.toContain('topology.istio.io')
    })
  },
)
