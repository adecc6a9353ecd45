import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {createInterface} from 'node:readline'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../src/engine/kubeconfig/kubeconfig.ts'
import {startMesh} from '../support/ground/program.ts'
import {type Lab, startLab} from '../support/lab/lab.ts'

const pod = {namespace: 'default', name: 'web'}

describe.skipIf(!inject('lab').clusters)('streams to pods', () => {
  let lab: Lab
  let cluster: Cluster
  let server: Server

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    server = createServer((request, response) => response.end(`you asked ${request.url}`)).listen(0, '127.0.0.1')
    await lab.kubectl('east', ['run', pod.name, '--image=any'])
    await lab.kubectl('east', ['wait', '--for=condition=Ready', 'pod/web', '--timeout=30s'])
    await lab.forward('east', pod, 8080, (server.address() as AddressInfo).port)
    const kubeconfig = loadKubeconfig({kubeconfig: lab.kubeconfigOf('east'), env: {}})
    cluster = await connectCluster(kubeconfig, 'east', {fieldManager: 'test'})
  })

  afterAll(async () => {
    cluster?.close()
    server?.close()
    await lab?.stop()
  })

  test('reads from a port of a pod through the API server', async () => {
    await expect
      .poll(() => cluster.pods.read(pod, 8080, '/debug/x?y=1'), {timeout: 30_000})
      .toEqual({status: 200, body: 'you asked /debug/x?y=1'})
  })

  test('concurrent requests each get their own response', async () => {
    const paths = Array.from({length: 8}, (_, at) => `/${at}`)
    const bodies = await Promise.all(paths.map(path => cluster.pods.read(pod, 8080, path)))
    expect(bodies.map(({body}) => body)).toEqual(paths.map(path => `you asked ${path}`))
  })

  test('a port without a listener, and a missing pod, are errors that name pod and port', async () => {
    await expect(cluster.pods.read(pod, 9999, '/', 3000)).rejects.toThrow('pod default/web port 9999')
    await expect(cluster.pods.read({...pod, name: 'none'}, 8080, '/')).rejects.toThrow('pod default/none port 8080')
  })

  test('addon open forwards a local port to the interface of an add-on', {timeout: 120_000}, async () => {
    const labels = {app: 'kiali', 'app.kubernetes.io/name': 'kiali'}
    const spec = {containers: [{name: 'kiali', image: 'any'}]}
    const deployment = {
      ...{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'kiali', namespace: 'default', labels}},
      spec: {replicas: 0, selector: {matchLabels: labels}, template: {metadata: {labels}, spec}},
    }
    const shown = {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'kiali', namespace: 'default', labels}, spec}
    const list = JSON.stringify({apiVersion: 'v1', kind: 'List', items: [deployment, shown]})
    await lab.kubectl('east', ['apply', '-f', '-'], {input: list})
    await lab.kubectl('east', ['wait', '--for=condition=Ready', 'pod/kiali', '--timeout=30s'])
    await lab.forward('east', {namespace: 'default', name: 'kiali'}, 20_001, (server.address() as AddressInfo).port)
    const child = startMesh(['addon', 'open', '--port', '0', '--context', 'east'], {
      env: {KUBECONFIG: lab.kubeconfigOf('east')},
    })
    const [url] = (await once(createInterface({input: child.stdout!}), 'line')) as [string]
    const bodies = await Promise.all(['', '/a'].map(async path => (await fetch(`${url}${path}`)).text()))
    child.kill('SIGINT')
    await once(child, 'exit')
    expect(bodies).toEqual(['you asked /kiali', 'you asked /kiali/a'])
    await expect(fetch(url)).rejects.toThrow()
  })

  test('exec returns the output and the exit code of a command', async () => {
    const result = await cluster.pods.exec(pod, pod.name, ['sh', '-c', 'echo out; echo err >&2'])
    expect(result).toEqual({code: 0, stdout: 'out\n', stderr: 'err\n'})
    await expect(cluster.pods.exec({...pod, name: 'none'}, 'web', ['true'])).rejects.toThrow('pod default/none')
  })
})
