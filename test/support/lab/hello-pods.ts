import {chmod, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {vi} from 'vitest'
import {runOk} from '../run.ts'
import type {DataPlaneLab} from './lab.ts'

/** Name of the client pod and of its container. */
export const helloClient = 'mesh-verify-client'

const curl = (real: string) => `#!/bin/sh
[ -n "$MESH_NETNS" ] || exec ${real} "$@"
for try in $(seq 300); do
  ip netns exec "$MESH_NETNS" ${real} -fsS -o /dev/null http://127.0.0.1:15021/healthz/ready 2>/dev/null && break
  sleep 0.3
done
exec ip netns exec "$MESH_NETNS" ${real} "$@"
`

/**
 * Makes curl of pods run in the network namespace of the pod as soon as its sidecar is ready. kwok would run it on this
 * machine. Call this before you start the lab.
 *
 * @returns a function that undoes it
 */
export async function playCurl(): Promise<() => Promise<void>> {
  const path = process.env.PATH
  const bin = await mkdtemp(join(tmpdir(), 'mesh-curl-'))
  const real = (await runOk(['sh', '-c', 'command -v curl'])).trim()
  await writeFile(join(bin, 'curl'), curl(real))
  await chmod(join(bin, 'curl'), 0o755)
  process.env.PATH = `${bin}:${path}`
  return async () => {
    process.env.PATH = path
    await rm(bin, {recursive: true, force: true})
  }
}

/** Waits for the temporary namespace of `federate verify --traffic` in a cluster, and returns its name. */
export async function temporaryNamespace(lab: DataPlaneLab, cluster: string): Promise<string> {
  const get = [
    'get',
    'namespaces',
    '-l',
    'kubectl-mesh.io/federate-verify',
    '--field-selector=status.phase=Active',
    '-o',
    'jsonpath={.items[*].metadata.name}',
  ]
  return vi.waitUntil(async () => (await lab.kubectl(cluster, get)).trim(), {timeout: 60_000, interval: 300})
}

/** Simulates the kubelet for the temporary pods of a cluster. */
export async function playKubelet(lab: DataPlaneLab, cluster: string): Promise<void> {
  const namespace = await temporaryNamespace(lab, cluster)
  const envs = [{name: 'MESH_NETNS', value: `${lab.env.DP_PREFIX}-${cluster}-${helloClient}`}]
  const exec = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Exec',
    metadata: {namespace, name: helloClient},
    spec: {execs: [{local: {workDir: lab.dir, envs}}]},
  }
  await lab.kubectl(cluster, ['apply', '-f', '-'], {input: JSON.stringify(exec)})
  const pods = ['-n', namespace, 'get', 'pods', '-o', 'name']
  await vi.waitUntil(async () => (await lab.kubectl(cluster, pods)).includes(helloClient), {
    timeout: 60_000,
    interval: 300,
  })
  await lab.pod(cluster, namespace, 'app=helloworld')
  // The client has no server process: kwok runs its curl.
  await lab.pod(cluster, namespace, helloClient, ['true'])
}
