import {join} from 'node:path'
import {labCache} from '../binaries.ts'
import type {DataPlaneLab, Lab} from './lab.ts'

/**
 * Deploys one version of Istio's sample `helloworld` to the namespace `sample`.
 *
 * @param revision the revision that injects sidecars (default: `istio-injection=enabled`)
 */
export async function deploySample(lab: Lab, cluster: string, version: 'v1' | 'v2', revision?: string): Promise<void> {
  const file = join(labCache().share, 'istio/samples/helloworld/helloworld.yaml')
  await lab.kubectl(cluster, ['create', 'namespace', 'sample'])
  const label = revision === undefined ? 'istio-injection=enabled' : `istio.io/rev=${revision}`
  await lab.kubectl(cluster, ['label', 'namespace', 'sample', label])
  await lab.kubectl(cluster, ['apply', '-n', 'sample', '-l', 'service=helloworld', '-f', file])
  await lab.kubectl(cluster, ['apply', '-n', 'sample', '-l', `version=${version}`, '-f', file])
}

/** Sets the labels that injection would set. istiod ignores pods of a remote network without them. */
export async function markInjected(lab: Lab, cluster: string, version: 'v1' | 'v2', network: string): Promise<void> {
  const labels = {'security.istio.io/tlsMode': 'istio', 'topology.istio.io/network': network}
  const patch = JSON.stringify({spec: {template: {metadata: {labels}}}})
  await lab.kubectl(cluster, [
    '-n',
    'sample',
    'patch',
    'deployment',
    `helloworld-${version}`,
    '--type=merge',
    '-p',
    patch,
  ])
  await lab.kubectl(cluster, ['-n', 'sample', 'rollout', 'status', `deployment/helloworld-${version}`, '--timeout=60s'])
}

/**
 * Deploys the sample to east, and a client to west, so that the requests of the client depend on the link between the clusters.
 *
 * @returns the network namespaces of both
 */
export async function deployServerAndClient(lab: DataPlaneLab): Promise<{server: string; client: string}> {
  await deploySample(lab, 'east', 'v1')
  const server = await lab.pod('east', 'sample', 'app=helloworld')
  await deploySample(lab, 'west', 'v2')
  await lab.kubectl('west', ['-n', 'sample', 'delete', 'deployment', '--all'])
  await lab.kubectl('west', ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
  return {server, client: await lab.pod('west', 'sample', 'app=client')}
}
