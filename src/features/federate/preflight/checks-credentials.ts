import {remoteSecretsVariable} from '../../../istio/control-plane.ts'
import {names, remoteSecretName, revisioned} from '../../../istio/names.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn, kubeconfigProblems} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn, type FoundCredential} from '../../../mesh/remote-secrets.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** istiod ignores a cluster that another Secret registers already (istio/pkg/kube/multicluster, 1.31). */
const oneRegistration: FederationCheck = {
  id: 'credential-layout',
  about: 'each cluster is registered by one Secret',
  run: forEachMember((member, {all, spec, now}) => {
    // In gateways mode no cluster holds credentials, and a remote has no istiod that reads them.
    if (spec.mode === 'gateways' || member.primary !== undefined || !member.facts) return []
    const peers = all.filter(other => other !== member).map(({cluster}) => cluster)
    return credentialsIn(member.facts)
      .filter(({target}) => peers.includes(target))
      .map(found => ({found, problems: found.ours ? [] : kubeconfigProblems(found.kubeconfig, now)}))
      .filter(
        ({found, problems}) =>
          problems.length > 0 ||
          (found.secret.metadata.name !== secretFor(found.target, spec) && !isAdoptable(found, all)),
      )
      .map(({found, problems}) => registeredTwice(found, problems, member, spec))
  }),
}

function secretFor(target: string, {credentials}: Federation): string {
  return credentials === 'bundled' ? names.bundledSecret : remoteSecretName(target)
}

/** A credential that another tool created for the same address as a new one, regardless of the name of its Secret. */
function isAdoptable({ours, target, kubeconfig}: FoundCredential, all: readonly MeshMember[]): boolean {
  const access = ours ? undefined : accessIn(kubeconfig)
  return access?.token !== undefined && access.server === all.find(({cluster}) => cluster === target)?.server
}

function registeredTwice(
  {target, secret}: FoundCredential,
  problems: readonly string[],
  {context}: MeshMember,
  {systemNamespace}: Federation,
) {
  const {name} = secret.metadata
  const described = problems.length > 0 ? `Secret ${name} for ${target} ${problems.join('; it ')}` : undefined
  return {
    message: described ?? `Secret ${name} registers ${target} already; istiod would ignore a second Secret for it`,
    hints: [
      `kubectl --context ${shellWord(context)} -n ${systemNamespace} delete secret ${name}`,
      'then run this command again',
    ],
  }
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
        `kubectl --context ${shellWord(context)} -n ${namespace} set env ${deployment} ${remoteSecretsVariable}-`,
        'or use a version of Istio in which this is fixed',
      ],
    }
  }),
}

/** Checks of existing credentials, and of what istiod needs to use new ones. */
export const credentialChecks: readonly FederationCheck[] = [oneRegistration, crashingSetting]
