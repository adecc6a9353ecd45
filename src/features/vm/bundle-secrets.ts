import type {Cluster} from '../../engine/cluster/cluster.ts'
import {requestToken} from '../../engine/cluster/tokens.ts'
import {parseMembers} from '../../engine/kubernetes/member-record.ts'
import {refKey} from '../../engine/kubernetes/object.ts'
import {refusedError} from '../../errors.ts'
import {claimsOf} from '../../mesh/remote-kubeconfig.ts'
import {missingRoot, type VmFacts} from './facts.ts'
import {vmAnchorName} from './objects.ts'
import {readRoot} from './read.ts'
import {readRecord} from './registration.ts'
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

/** Only a Secret that the record lists: `vm remove` deletes no other, and would leave the token valid. */
async function readTokenSecret(cluster: Cluster, spec: VmRegistration): Promise<{name: string; uid: string}> {
  const {name: vm, namespace} = spec
  const name = vmAnchorName(vm)
  const ref = {apiVersion: 'v1', kind: 'Secret', namespace, name}
  const [record, secret] = await Promise.all([readRecord(cluster, spec), cluster.get(ref)])
  const uid = parseMembers(record)?.get(refKey(ref))?.uid
  if (uid !== undefined && secret?.metadata.uid === uid) return {name, uid}
  throw refusedError(
    secret
      ? `Secret ${namespace}/${name} was not created by kubectl mesh, so no token is bound to it`
      : `Secret ${namespace}/${name} does not exist, so no token can be bound to it`,
    ...(secret ? [`find out who created it, then: kubectl -n ${namespace} delete secret ${name}`] : []),
    `kubectl mesh vm register ${vm} -n ${namespace} … creates it`,
  )
}

async function requireRoot(spec: VmRegistration, {cluster, controlPlane}: VmFacts): Promise<string> {
  const root = await readRoot(cluster, controlPlane!)
  if (root !== undefined) return root
  const {message, hints} = missingRoot(controlPlane!.rootConfigMap, spec)
  throw refusedError(message, ...hints)
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
