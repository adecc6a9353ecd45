import type {FederationFrame, Member} from '../../../src/features/federate/objects.ts'
import type {HeldCredential} from '../../../src/mesh/credential.ts'
import {remoteKubeconfig} from '../../../src/mesh/objects-remote-secret.ts'

/** What a `mesh federate` without further flags asks of the builder. */
export const frame: FederationFrame = {
  systemNamespace: 'istio-system',
  revision: undefined,
  clusterDomain: 'cluster.local',
  expose: [],
  gatewayServiceType: 'LoadBalancer',
  singleNetwork: false,
  credentials: 'per-peer',
  shortLived: false,
}

/** The kubeconfig for a cluster as a remote Secret has it; the token is the same on every run. */
export function kubeconfigFor(target: string, holder: string): string {
  return remoteKubeconfig({
    target,
    server: `https://${target}.example:6443`,
    certificateAuthority: `-----BEGIN CERTIFICATE-----\nof ${target}\n-----END CERTIFICATE-----\n`,
    tlsServerName: undefined,
    token: `token-of-${target}-for-${holder}`,
  })
}

/** A cluster in which nothing is yet, and that is to hold a credential for each of the others. */
export function member(cluster: string, others: readonly string[], more: Partial<Member> = {}): Member {
  const holds = others.map(
    (target): HeldCredential => ({target, kubeconfig: kubeconfigFor(target, cluster), adopted: false}),
  )
  return {
    cluster,
    network: `net-${cluster}`,
    ownsNetworkLabel: true,
    ca: undefined,
    makeGateway: true,
    makeReader: true,
    holds,
    keepsInBundle: [],
    ...more,
  }
}

/** Each of the clusters, holding a credential for each other. */
export function members(...clusters: string[]): Member[] {
  return clusters.map(cluster =>
    member(
      cluster,
      clusters.filter(other => other !== cluster),
    ),
  )
}

/** The same value, frozen all the way down: a builder that changes it throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
