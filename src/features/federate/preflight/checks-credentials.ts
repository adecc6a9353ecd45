import {remoteSecretsVariable} from '../../../istio/control-plane.ts'
import {names, remoteSecretName, revisioned} from '../../../istio/names.ts'
import {credentialProblems} from '../../../mesh/credentials/problems.ts'
import {clusterAt, clusterWithKey} from '../../../mesh/credentials/registered.ts'
import {credentialRemovalHint} from '../../../mesh/credentials/removal-hint.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn, type FoundCredential} from '../../../mesh/remote-secrets.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/**
 * istiod ignores a cluster that another Secret registers already under the same name, and reads it twice under two names
 * (istio/pkg/kube/multicluster, 1.31).
 */
const oneRegistration: FederationCheck = {
  id: 'credential-layout',
  about: 'each cluster is registered by one Secret',
  run: forEachMember((member, {all, spec, now}) => {
    // In gateways mode no cluster holds credentials, and a remote has no istiod that reads them.
    if (spec.mode === 'gateways' || member.primary !== undefined || !member.facts) return []
    const others = all.filter(other => other !== member)
    return credentialsIn(member.facts).flatMap(found => {
      const target =
        clusterWithKey(found.target, others) ??
        (found.ours ? undefined : clusterAt(accessIn(found.kubeconfig)?.server, others))
      return target ? registrationFindings({found, target, member, now}, spec) : []
    })
  }),
}

/** A remote Secret in a cluster, and the cluster of the run that it registers. */
interface Registration {
  found: FoundCredential
  target: MeshMember
  /** The cluster that holds the Secret. */
  member: MeshMember
  now: Date
}

function registrationFindings(registration: Registration, spec: Federation): MemberFinding[] {
  const {found, target, member, now} = registration
  const {name} = found.secret.metadata
  const {cluster} = target
  const keys = Object.keys((found.secret.data ?? {}) as object)
  const place = {context: member.context, systemNamespace: spec.systemNamespace, name, keys}
  const removal = [credentialRemovalHint(place, [found.target]), 'then run this command again']
  const problems = found.ours ? [] : credentialProblems(found, target, now)
  if (problems.length > 0) return [{message: `Secret ${name} for ${cluster} ${problems.join('; it ')}`, hints: removal}]
  if (found.target !== cluster)
    return [
      {
        message: `Secret ${name} registers ${cluster} already, as ${found.target}; istiod would read the cluster twice`,
        hints: removal,
      },
    ]
  const differs = otherAddress(registration)
  if (differs !== undefined)
    return [
      {
        message: `Secret ${name} of another owner registers ${cluster} at ${differs}; this run would register it at ${target.server}`,
        hints: [`--server ${shellWord(`${target.context}=${differs}`)} keeps this address`, `or ${removal[0]}`],
      },
    ]
  if (name === secretFor(cluster, spec) || isAdoptable(registration)) return []
  return [
    {
      message: `Secret ${name} registers ${cluster} already; istiod would ignore a second Secret for it`,
      hints: removal,
    },
  ]
}

function secretFor(target: string, {credentials}: Federation): string {
  return credentials === 'bundled' ? names.bundledSecret : remoteSecretName(target)
}

/** The address of the API server in a credential of another owner, if this run uses another one: a private endpoint. */
function otherAddress({found: {ours, kubeconfig}, target}: Registration): string | undefined {
  const server = ours ? undefined : accessIn(kubeconfig)?.server
  return server !== undefined && target.server !== undefined && server !== target.server ? server : undefined
}

/** A credential that another tool created for the same address as a new one, regardless of the name of its Secret. */
function isAdoptable({found: {ours, kubeconfig}, target}: Registration): boolean {
  const access = ours ? undefined : accessIn(kubeconfig)
  return access?.token !== undefined && access.server === target.server
}

/**
 * Observed with istiod 1.31.0: it registers the cluster without a CredentialsController and calls its method HasSynced
 * (pilot/pkg/credentials/kube/multicluster.go), so that every further cluster ends the process.
 */
const crashingSetting: FederationCheck = {
  id: 'remote-secrets-setting',
  about: 'istiod can register other clusters',
  run: forEachMember(({context, controlPlane, primary}, {spec}) => {
    if (spec.mode === 'gateways' || primary !== undefined || controlPlane?.version !== '1.31.0') return undefined
    if (controlPlane.readsRemoteSecrets) return undefined
    const {namespace, revision} = controlPlane
    const deployment = `deployment/${revisioned('istiod', revision)}`
    return {
      message: `istiod 1.31.0 ends with a panic when it registers another cluster while ${remoteSecretsVariable} is false`,
      hints: [
        `kubectl ${contextFlags(context)} -n ${namespace} set env ${deployment} ${remoteSecretsVariable}-`,
        'or use a version of Istio in which this is fixed',
      ],
    }
  }),
}

/** Checks of existing credentials, and of what istiod needs to use new ones. */
export const credentialChecks: readonly FederationCheck[] = [oneRegistration, crashingSetting]
