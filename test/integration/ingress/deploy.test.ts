import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {interruptedAt} from '../../support/ground/interrupted.ts'
import {runMesh} from '../../support/ground/program.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {type IngressGround, makeNode, openIngressGround, podWithHostPort} from './support.ts'

const daemonset = [
  ...['deploy', '-n', 'edge', '--kind', 'daemonset', '--node-selector', 'front_end=true'],
  ...['--host-port', '80:8080', '--host-port', '443:8443', '--no-wait'],
]

describe.skipIf(!sharedServers())('ingress deploy on a real API server', () => {
  let ground: IngressGround
  let before: unknown

  beforeAll(async () => {
    ground = await openIngressGround()
    await makeNode(ground.api, 'n1', {front_end: 'true'})
    await makeNode(ground.api, 'n2', {front_end: 'true'})
    await makeNode(ground.api, 'n3')
    await ground.api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'edge'}})
    before = await ground.snapshot()
  })
  afterAll(() => ground?.close())

  it('reports every problem at once and writes nothing', async () => {
    await ground.api.create(podWithHostPort('taker', 'n2', 80))
    const {code, stdout, stderr} = await ground.ingress(...daemonset, '--yes', '--revision', 'missing')
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toContain('no istiod of revision missing in namespace istio-system')
    expect(stderr).toContain('no injector of revision missing injects pods in namespace edge')
    expect(stderr).toContain('host port 80 is in use on 1 of 2 matching nodes: pod default/taker on n2')
    await ground.api.delete('/api/v1/namespaces/default/pods/taker?gracePeriodSeconds=0')
    expect(await ground.snapshot()).toEqual(before)
  })

  it('reports that no node has the label', async () => {
    const {code, stderr} = await ground.ingress('deploy', '-n', 'edge', '--node-selector', 'missing=label', '--yes')
    expect(code).toBe(3)
    expect(stderr).toContain('no node is labelled missing=label; the cluster has 3 nodes')
    expect(stderr).toContain('kubectl label node NODE missing=label')
  })

  it('refuses a namespace without injection, and a Service that Helm created', async () => {
    await ground.api.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: 'off', labels: {'istio-injection': 'disabled'}},
    })
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'istio-ingressgateway', namespace: 'off', labels: {'app.kubernetes.io/managed-by': 'Helm'}},
      spec: {ports: [{port: 80}]},
    }
    await ground.api.create(service as AnyObject)
    const {code, stderr} = await ground.ingress('deploy', '-n', 'off', '--yes')
    expect(code).toBe(3)
    expect(stderr).toContain('namespace off is labelled istio-injection=disabled')
    expect(stderr).toContain('Service off/istio-ingressgateway already exists, created by Helm')
    await ground.api.delete('/api/v1/namespaces/off/services/istio-ingressgateway')
  })

  it('reports a host port that is a node port', async () => {
    await ground.api.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'np', namespace: 'default'},
      spec: {type: 'NodePort', ports: [{port: 80, nodePort: 31_080}]},
    } as AnyObject)
    const {code, stderr} = await ground.ingress('deploy', '-n', 'edge', '--host-port', '31080:8080', '--yes')
    expect(code).toBe(3)
    expect(stderr).toContain('host port 31080 is the node port of Service default/np')
    await ground.api.delete('/api/v1/namespaces/default/services/np')
    await ground.api.delete('/api/v1/namespaces/off')
  })

  it('creates a DaemonSet with a Service; a second run changes nothing', async () => {
    const first = await ground.ingress(...daemonset, '--yes')
    expect(first).toMatchObject({code: 0})
    expect(first.stderr).toContain('2 of 3 nodes match the node selector')
    expect(first.stdout).toContain('daemonset.apps/istio-ingressgateway serverside-applied')
    const service = await ground.api.get<{spec: {type: string; ports: {port: number; targetPort: number}[]}}>(
      '/api/v1/namespaces/edge/services/istio-ingressgateway',
    )
    expect(service!.spec).toMatchObject({
      type: 'ClusterIP',
      ports: [{port: 15_021}, {port: 80, targetPort: 8080}, {port: 443, targetPort: 8443}],
    })
    expect(await ground.ingress(...daemonset, '--yes')).toMatchObject({code: 0, stdout: ''})
    const again = await ground.ingress(...daemonset, '--dry-run=server', '--exit-code')
    expect(again).toMatchObject({code: 0, stdout: '# one: 7 unchanged\n'})
  })

  it('its existing pods are no conflict', async () => {
    const pod = podWithHostPort('own', 'n1', 80)
    await ground.api.create({
      ...pod,
      metadata: {name: 'own', namespace: 'edge', labels: {app: 'istio-ingressgateway', istio: 'ingressgateway'}},
    } as AnyObject)
    expect(await ground.ingress(...daemonset, '--yes')).toMatchObject({code: 0, stdout: ''})
    await ground.api.delete('/api/v1/namespaces/edge/pods/own?gracePeriodSeconds=0')
  })

  it('keeps the settings of earlier runs', async () => {
    expect(await ground.ingress('deploy', '-n', 'edge', '--no-wait', '--yes')).toMatchObject({code: 0, stdout: ''})
    const file = await ground.file(
      'edge.yaml',
      'apiVersion: kubectl-mesh.io/v1alpha1\nkind: IngressGateway\nspec: {namespace: edge}\n',
    )
    const omitted = await ground.ingress('deploy', '-f', file, '--no-wait', '--yes')
    expect(omitted).toMatchObject({code: 2, stdout: ''})
    expect(omitted.stderr).toContain('the gateway will run on any node; now it runs on nodes with front_end=true')
    expect(omitted.stderr).toContain('add --reset node-selector')
    expect(omitted.stderr).toContain('from ClusterIP to LoadBalancer')
    expect(omitted.stderr).toContain('add --reset host-port')
  })

  it('replaces the DaemonSet by a Deployment', async () => {
    const reset = ['--reset', 'host-port', '--reset', 'node-selector', '--kind', 'deployment']
    const {code, stdout, stderr} = await ground.ingress('deploy', '-n', 'edge', ...reset, '--no-wait', '--yes')
    expect(code).toBe(0)
    expect(stderr).toContain('warning: the Service of the gateway changes from ClusterIP to LoadBalancer')
    expect(stdout).toContain('deployment.apps/istio-ingressgateway serverside-applied')
    expect(stdout).toContain('daemonset.apps/istio-ingressgateway deleted')
  })

  it('a gateway that is not ready in time has exit code 4, and Ctrl-C during the wait 130', async () => {
    // No kubelet runs its pods.
    const slow = ['deploy', 'slow', '-n', 'edge', '--host-port', '81:8080']
    const {code, stdout, stderr} = await ground.ingress(...slow, '--timeout', '1s', '--yes')
    expect(code).toBe(4)
    expect(stdout).toContain('deployment.apps/slow serverside-applied')
    expect(stderr).toContain('deployment.apps/slow is not ready after 1 s: ')
    expect(stderr).toContain(
      'hint:  to continue: kubectl mesh ingress deploy slow --namespace edge --host-port 81:8080 --context ',
    )

    const stopped = await runMesh(['ingress', ...slow, '--host-port', '82:8443', '--yes'], {
      env: ground.env,
      ...interruptedAt('waiting for Deployment slow'),
    })
    expect(stopped).toMatchObject({
      code: 130,
      stdout: expect.stringContaining('deployment.apps/slow serverside-applied'),
    })
    expect(stopped.stderr).toMatch(/^error: interrupted$/m)
    expect(stopped.stderr).toContain('hint:  to continue: kubectl mesh ingress deploy slow ')
    // For programs, a removal lists what it deletes, and what it has deleted.
    const remove = ['remove', 'slow', '-n', 'edge']
    const listed = await ground.ingress(...remove, '--dry-run=server', '-o', 'name')
    expect(listed).toMatchObject({code: 0, stdout: expect.stringMatching(/^deployment\.apps\/slow$/m)})
    const removed = await ground.ingress(...remove, '--yes', '-o', 'json')
    expect(removed.code, removed.stderr).toBe(0)
    expect(JSON.parse(removed.stdout).removed).toContainEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'slow', namespace: 'edge'},
    })
  })

  it('remove restores the previous state of the cluster', async () => {
    expect(await ground.ingress('remove', 'istio-ingressgateway', '-n', 'edge', '--yes')).toMatchObject({code: 0})
    const after = (await ground.snapshot()) as Record<string, unknown>
    // Without a namespace controller, the namespace remains in phase Terminating.
    const own = Object.fromEntries(Object.entries(after).filter(([path]) => !path.endsWith('/off')))
    expect(own).toEqual(before)
    const again = await ground.ingress('remove', 'istio-ingressgateway', '-n', 'edge', '--yes')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('there is no gateway istio-ingressgateway of')
  })
})
