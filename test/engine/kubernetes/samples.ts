import type {FederationFrame, FederationMember} from '../../../src/features/federate/objects.ts'
import type {HeldCredential} from '../../../src/mesh/credential.ts'
import {remoteKubeconfig} from '../../../src/mesh/objects-remote-secret.ts'

/** The frame of a `mesh federate` with default flags. */
export const frame: FederationFrame = {
  systemNamespace: 'istio-system',
  revision: undefined,
  clusterDomain: 'cluster.local',
  expose: [],
  singleNetwork: false,
  credentials: 'per-peer',
  shortLived: false,
}

/** Returns the kubeconfig of a remote Secret. It is the same on every run. */
export function kubeconfigFor(target: string, holder: string): string {
  return remoteKubeconfig({
    target,
    server: `https://${target}.example:6443`,
    certificateAuthority: `-----BEGIN CERTIFICATE-----\nof ${target}\n-----END CERTIFICATE-----\n`,
    tlsServerName: undefined,
    token: `token-of-${target}-for-${holder}`,
  })
}

/** Returns a cluster without any objects, which needs a credential for each of the others. */
export function member(
  cluster: string,
  others: readonly string[],
  more: Partial<FederationMember> = {},
): FederationMember {
  const holds = others.map(
    (target): HeldCredential => ({target, kubeconfig: kubeconfigFor(target, cluster), adopted: false}),
  )
  return {
    cluster,
    network: `net-${cluster}`,
    ownsNetworkLabel: true,
    ca: undefined,
    gatewayType: 'LoadBalancer',
    makeGateway: true,
    makeReader: true,
    holds,
    keepsInBundle: [],
    ...more,
  }
}

/** Returns clusters that need a credential for each other. */
export function members(...clusters: string[]): FederationMember[] {
  return clusters.map(cluster =>
    member(
      cluster,
      clusters.filter(other => other !== cluster),
    ),
  )
}

/** Freezes a value deeply and returns it, so that a builder that changes it throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
