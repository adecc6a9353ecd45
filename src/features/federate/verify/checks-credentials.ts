import {names, remoteSecretName} from '../../../istio/names.ts'
import {credentialRemovalHint} from '../../../mesh/credentials/removal-hint.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {alternatively, controlPlaneHints} from '../preflight/install-hint.ts'
import type {ObservedCredential} from './read-credentials.ts'
import {
  type CurrentFinding,
  fromApiServer,
  isReachable,
  isRemote,
  kubectlInSystem,
  othersOf,
  remotesOf,
  type VerifySubject,
  verifyCheck,
} from './subject.ts'

/** Whether istiod of the cluster watches other clusters. A remote cluster has no istiod. */
function needsCredentials(subject: VerifySubject): boolean {
  return isReachable(subject) && !subject.gateways && !isRemote(subject)
}

/** Whether istiods of other clusters watch the cluster. A remote cluster has no istiod that would watch its primary. */
function isWatched(subject: VerifySubject): boolean {
  return isReachable(subject) && !subject.gateways && remotesOf(subject).length === 0
}

export const reader = verifyCheck({
  id: 'reader',
  about: `service account ${names.readerAccount} has the permissions that istiod needs`,
  applies: isWatched,
  from: fromApiServer,
  run: subject => {
    const missing = missingPermissions(subject)
    return missing === undefined
      ? []
      : [
          {
            message: `service account ${names.readerAccount} lacks permissions: ${missing}`,
            hints: [subject.repairCommand],
          },
        ]
  },
})

function missingPermissions(subject: VerifySubject): string | undefined {
  const {reader, primaryRemote} = subject.current.member.facts!
  if (!reader.account) return undefined
  if (!reader.allowed) return 'istiods of the other clusters cannot watch this cluster'
  return isRemote(subject) && !primaryRemote?.readerLeads
    ? 'istiod of the primary cluster cannot write its root certificate and CA bundle to this cluster'
    : undefined
}

export const credentials = verifyCheck({
  id: 'credentials',
  about: 'one credential for every other cluster, accepted by that cluster',
  applies: needsCredentials,
  from: subject => {
    const reviewers = subject.current.credentials.filter(({state}) => state !== 'unknown').map(({target}) => target)
    return reviewers.length > 0 ? `TokenReview in ${[...new Set(reviewers)].join(', ')}` : fromApiServer(subject)
  },
  run: subject => othersOf(subject).flatMap(({member}) => credentialFindings(subject, member.cluster)),
})

function credentialFindings(subject: VerifySubject, cluster: string): CurrentFinding[] {
  const all = subject.current.credentials
  const found = all.filter(({key}) => key === cluster)
  const [first, second] = found
  if (!first) {
    // The check of the keys reports a credential that is stored under another key.
    if (all.some(({target}) => target === cluster)) return []
    return [
      {
        message: `no credential for ${cluster}: istiod cannot discover the services there`,
        hints: [subject.repairCommand],
      },
    ]
  }
  const duplicate = second
    ? [
        {
          message: `${cluster} is registered by two Secrets, ${first.secret} and ${second.secret}; istiod uses only one`,
          hints: [removalOf(subject, [second])],
        },
      ]
    : []
  return [...duplicate, ...found.flatMap(credential => stateFindings(subject, cluster, credential))]
}

function stateFindings(subject: VerifySubject, cluster: string, credential: ObservedCredential): CurrentFinding[] {
  const {state, secret, why, problems = []} = credential
  if (problems.length > 0) {
    const hints = [removalOf(subject, [credential]), `then ${subject.repairCommand}`]
    return [{message: `Secret ${secret} for ${cluster} ${problems.join('; it ')}`, hints}]
  }
  if (state === 'refused')
    return [
      {
        message: `${cluster} rejects the token in Secret ${secret}: it was revoked or has expired`,
        hints: [subject.repairCommand],
      },
    ]
  if (state === 'unknown')
    return [
      {
        level: 'warning',
        message: `cannot test whether ${cluster} accepts the credential in Secret ${secret}: ${why}`,
        hints: [`${kubectlInSystem(subject)} logs -l app=istiod | grep ${shellWord(cluster)}`],
      },
    ]
  return []
}

/** The command that removes credentials of one Secret. */
function removalOf(
  {current, systemNamespace}: VerifySubject,
  removed: readonly Pick<ObservedCredential, 'key' | 'secret'>[],
): string {
  const name = removed[0]!.secret
  const keys = current.credentials.filter(({secret}) => secret === name).map(({key}) => key)
  const place = {context: current.member.context, systemNamespace, name, keys}
  return credentialRemovalHint(
    place,
    removed.map(({key}) => key),
  )
}

/** istiod uses the key as the cluster ID, regardless of the ID that the other cluster reports. */
export const keys = verifyCheck({
  id: 'cluster-key',
  about: 'remote Secrets register clusters under the IDs that their istiods report',
  applies: needsCredentials,
  from: fromApiServer,
  run: subject =>
    subject.current.credentials.flatMap(({key, target, secret}): CurrentFinding[] =>
      target === undefined || key === target ? [] : [wrongKey(subject, {key, target, secret})],
    ),
})

function wrongKey(
  subject: VerifySubject,
  {key, target, secret}: {key: string; target: string; secret: string},
): CurrentFinding {
  const member = subject.all.find(one => one.member.cluster === target)?.member
  const clusterName = {path: 'global.multiCluster.clusterName', value: key}
  const remove = removalOf(subject, [{key, secret}])
  return {
    message: `Secret ${secret} registers the cluster as ${key}, but its istiod reports cluster ID ${target}; endpoints are registered under a cluster that does not exist`,
    hints: [
      `${remove}, then ${subject.repairCommand} (creates ${remoteSecretName(target)})`,
      ...(member ? alternatively(controlPlaneHints(member, subject, [clusterName])) : []),
    ],
  }
}

export const noCredentials = verifyCheck({
  id: 'no-credentials',
  about: 'no credentials for the other clusters',
  applies: subject => isReachable(subject) && subject.gateways,
  from: fromApiServer,
  run: subject => {
    const known = subject.current.credentials.filter(({target}) => target !== undefined)
    return [...Map.groupBy(known, ({secret}) => secret)].map(([secret, found]) => ({
      level: 'warning',
      message: `Secret ${secret} gives istiod access to ${found.map(({target}) => target).join(', ')}, which gateways mode does not need`,
      hints: [removalOf(subject, found)],
    }))
  },
})
