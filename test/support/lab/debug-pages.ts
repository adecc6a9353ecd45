import {vi} from 'vitest'
import type {DataPlaneLab, Lab} from './lab.ts'

/** A Python program that connects from 127.0.0.1 to an address, and copies bytes between it and stdin and stdout. */
export const fromLoopback = `
import os, socket, sys, threading
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.connect((sys.argv[1], int(sys.argv[2])))
def up():
    while b := os.read(0, 65536): s.sendall(b)
threading.Thread(target=up, daemon=True).start()
while b := s.recv(65536):
    while b: b = b[os.write(1, b):]
`

/**
 * Makes kwok forward port 8080 of istiod from loopback, like a kubelet: istiod serves its debug pages only to loopback.
 *
 * @param http URL of the istiod, from `lab.istiod`
 */
export async function showDebugPages(
  lab: DataPlaneLab,
  cluster: string,
  http: string,
  systemNamespace = 'istio-system',
): Promise<void> {
  const {hostname, port} = new URL(http)
  const forwards = [{ports: [8080], command: ['python3', '-c', fromLoopback, hostname, port]}]
  await forwardIstiods(lab, cluster, forwards, systemNamespace)
}

/**
 * Makes kwok forward ports of all istiod pods, like a kubelet.
 *
 * @param forwards `spec.forwards` of kwok's PortForward
 */
export async function forwardIstiods(
  lab: Lab,
  cluster: string,
  forwards: readonly object[],
  systemNamespace = 'istio-system',
): Promise<void> {
  const pods = await lab.kubectl(cluster, ['-n', systemNamespace, 'get', 'pods', '-l', 'app=istiod', '-o', 'name'])
  const names = pods
    .trim()
    .split('\n')
    .map(pod => pod.replace('pod/', ''))
  await forwardPods(
    lab,
    cluster,
    names.map(name => ({namespace: systemNamespace, name, forwards})),
  )
}

/**
 * Starts the istiod of a cluster that `federate` prepares at the same time: with its first cacerts (istio#57853), once its gateway
 * has a pod, and with ports that kwok forwards from loopback.
 */
export async function startPreparedIstiod(lab: DataPlaneLab, cluster: string, ports: readonly number[]): Promise<void> {
  const pods = ['-n', 'istio-system', 'get', 'pod', '-l', 'istio=eastwestgateway', '-o', 'name']
  await vi.waitUntil(async () => (await lab.kubectl(cluster, pods)) !== '', {timeout: 60_000, interval: 500})
  const {hostname} = new URL((await lab.istiod(cluster)).http)
  await lab.real(cluster)
  const forwards = ports.map(port => ({
    ports: [port],
    command: ['python3', '-c', fromLoopback, hostname, String(port)],
  }))
  await forwardIstiods(lab, cluster, forwards)
}

/** Makes kwok forward ports of pods, like a kubelet. */
export async function forwardPods(
  lab: Lab,
  cluster: string,
  pods: readonly {namespace: string; name: string; forwards: readonly object[]}[],
): Promise<void> {
  const items = pods.map(({namespace, name, forwards}) => ({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'PortForward',
    metadata: {namespace, name},
    spec: {forwards},
  }))
  const list = {apiVersion: 'v1', kind: 'List', items}
  await lab.kubectl(cluster, ['apply', '-f', '-'], {input: JSON.stringify(list)})
}
