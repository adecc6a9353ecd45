import type {Cluster} from '../../engine/cluster/cluster.ts'
import {requestToken} from '../../engine/cluster/tokens.ts'
import {refusedError} from '../../errors.ts'
import {claimsOf} from '../../mesh/remote-kubeconfig.ts'
import type {VmFacts} from './facts.ts'
import {vmSetName} from './objects.ts'
import {readRoot} from './read.ts'
import type {VmRegistration} from './spec.ts'

/** The root certificate and the token of a machine. */
export interface BundleSecrets {
  /** PEM. */
  rootCert: string
  /** A secret. */
  token: string
  expires: Date
}

/** A token in use is kept while at least this part of its requested lifetime is left, so that a second run changes nothing. */
const keepAbove = 1 / 2

/**
 * Gets the root certificate and a token that is bound to the Secret of the VM.
 *
 * @param current token of an existing bundle; kept if it belongs to this VM and more than half of its lifetime is left
 * @throws MeshError (exit 3) when the Secret or the root certificate does not exist
 */
export async function bundleSecretsOf(
  spec: VmRegistration,
  facts: VmFacts,
  current: string | undefined,
): Promise<BundleSecrets> {
  const {cluster} = facts
  const boundSecret = await readTokenSecret(cluster, spec)
  const rootCert = await requireRoot(spec, facts)
  const kept = current === undefined ? undefined : tokenToKeep(spec, current, boundSecret.uid)
  if (kept) return {rootCert, ...kept}
  const requested = await requestToken(cluster, {
    namespace: spec.namespace,
    serviceAccount: spec.serviceAccount,
    audiences: ['istio-ca'],
    durationSeconds: Math.round(spec.tokenDuration / 1000),
    boundSecret,
  })
  return {rootCert, ...requested}
}

async function readTokenSecret(
  cluster: Cluster,
  {name: vm, namespace}: VmRegistration,
): Promise<{name: string; uid: string}> {
  const name = vmSetName(vm)
  const secret = await cluster.get({apiVersion: 'v1', kind: 'Secret', namespace, name})
  if (secret?.metadata.uid) return {name, uid: secret.metadata.uid}
  throw refusedError(
    `Secret ${namespace}/${name} does not exist, so no token can be bound to it`,
    `kubectl mesh vm register ${vm} -n ${namespace} … creates it`,
  )
}

async function requireRoot(spec: VmRegistration, {cluster, controlPlane}: VmFacts): Promise<string> {
  const root = await readRoot(cluster, controlPlane!, spec.namespace)
  if (root !== undefined) return root
  throw refusedError(
    `no root certificate: ConfigMap ${controlPlane!.rootConfigMap} exists neither in namespace ${spec.namespace} nor in ${spec.systemNamespace}`,
    'a running istiod creates it; then repeat this command',
  )
}

function tokenToKeep(
  spec: VmRegistration,
  token: string,
  secretUid: string,
): {token: string; expires: Date} | undefined {
  const {boundUid, subject, expires} = claimsOf(token)
  const belongsToVm =
    boundUid === secretUid && subject === `system:serviceaccount:${spec.namespace}:${spec.serviceAccount}`
  if (!belongsToVm || expires === undefined) return undefined
  return expires.getTime() - Date.now() > spec.tokenDuration * keepAbove ? {token, expires} : undefined
}
