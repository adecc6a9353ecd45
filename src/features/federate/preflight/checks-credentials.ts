import {names, remoteSecretName} from '../../../istio/names.ts'
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

/** Checks of existing credentials. */
export const credentialChecks: readonly FederationCheck[] = [oneRegistration]
