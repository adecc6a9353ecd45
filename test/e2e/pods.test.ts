import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../src/engine/kubeconfig/kubeconfig.ts'
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

  test('exec returns the output and the exit code of a command', async () => {
    const result = await cluster.pods.exec(pod, pod.name, ['sh', '-c', 'echo out; echo err >&2'])
    expect(result).toEqual({code: 0, stdout: 'out\n', stderr: 'err\n'})
    await expect(cluster.pods.exec({...pod, name: 'none'}, 'web', ['true'])).rejects.toThrow('pod default/none')
  })
})
