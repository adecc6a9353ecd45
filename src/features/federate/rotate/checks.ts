import type {IstiodReplica} from '../../../control-plane/read-replicas.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {rewriteEffectOf} from '../../../istio/versions.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {type Pair, sharesToken} from './pairs.ts'
import type {ReplicaPages} from './read-views.ts'

/** The data that is inspected before the first credential is rotated. */
export interface RotationSubject {
  pairs: readonly Pair[]
  all: readonly MeshMember[]
  /** Every istiod pod of the holders, by cluster. */
  replicas: ReadonlyMap<string, readonly IstiodReplica[]>
  /** The debug pages of every ready istiod pod of the holders, by cluster. */
  pages: ReadonlyMap<string, readonly ReplicaPages[]>
  /** Restart istiod after each change. */
  restartIstiod: boolean
  /** The command that restarts istiod, for hints. */
  restartCommand: string
}

type RotationCheck = Check<RotationSubject>

function holdersOf({pairs}: RotationSubject): MeshMember[] {
  return [...new Set(pairs.map(({holder}) => holder))]
}

/** The version of every replica decides: any of them may lose the endpoints of the cluster whose credential changes. */
const safeVersions: RotationCheck = {
  id: 'rotation-versions',
  about: 'every istiod keeps the endpoints of a cluster while its credential changes',
  run: subject =>
    holdersOf(subject).flatMap(holder =>
      (subject.replicas.get(holder.cluster) ?? []).flatMap((replica): Finding[] => {
        const finding = versionFinding(replica, subject)
        return finding ? [{cluster: holder.cluster, ...finding}] : []
      }),
    ),
}

function versionFinding({pod, version, ambient}: IstiodReplica, subject: RotationSubject): Finding | undefined {
  const effect = rewriteEffectOf(version, ambient)
  if (effect?.effect === 'safe') return undefined
  const reason =
    effect?.reason ?? 'may lose the endpoints of the cluster: it is not known whether it has the fixes of 1.30.4'
  const message = `istiod ${pod.name} (${version ?? 'unknown version'}) ${reason}`
  if (subject.restartIstiod) return {level: 'warning', message: `${message}; it is restarted after each change`}
  return {
    message: `a credential cannot change while ${message}`,
    hints: [
      'upgrade istiod to 1.30.4 or newer (with ambient mode, to 1.30.4 or 1.31.1)',
      `or restart istiod after each change: ${subject.restartCommand}`,
    ],
  }
}

/** Without a baseline, a loss cannot be detected. */
const observable: RotationCheck = {
  id: 'rotation-baseline',
  about: 'every istiod is synced with the clusters whose credentials change',
  run: subject =>
    holdersOf(subject).flatMap(holder =>
      (subject.pages.get(holder.cluster) ?? []).flatMap(replica => pageFindings(holder, replica, subject)),
    ),
}

function pageFindings(holder: MeshMember, {pod, pages, error}: ReplicaPages, subject: RotationSubject): Finding[] {
  const {cluster, context} = holder
  if (!pages) {
    const message = `the state of istiod ${pod} cannot be read: ${error}`
    return [
      {cluster, message, hints: ['rotation needs the permission to create pods/portforward in the system namespace']},
    ]
  }
  return subject.pairs
    .filter(pair => pair.holder === holder && pair.recorded?.phase !== 'started')
    .flatMap(({target, held}): Finding[] => {
      const status = pages.clusters.find(({id}) => id === target.cluster)?.syncStatus
      if (status === 'synced') return []
      const {name, namespace = ''} = held.found.secret.metadata
      return [
        {
          cluster,
          message: `istiod ${pod} is not synced with ${target.cluster} (${status ?? 'unknown cluster'}), so a loss could not be detected`,
          hints: [
            `inspect Secret ${name}: kubectl mesh federate verify`,
            `or restart istiod: kubectl ${contextFlags(context)} -n ${namespace} rollout restart deployment -l app=istiod`,
          ],
        },
      ]
    })
}

/** A token that all peers share is revoked for all of them. */
const allHolders: RotationCheck = {
  id: 'rotation-holders',
  about: 'all clusters that share a token are among --contexts',
  run: ({pairs, all}) => {
    const names = new Set(all.map(({cluster}) => cluster))
    const shared = pairs.filter(({next}) => next.peer === undefined)
    const targets = [...new Set(shared.map(({target}) => target))]
    return targets.flatMap((target): Finding[] => {
      const known = target.facts ? credentialsIn(target.facts) : []
      const outside = [...new Set(known.map(({target: name}) => name))].filter(name => !names.has(name))
      if (outside.length === 0) return []
      return [
        {
          cluster: target.cluster,
          message: `its token is shared (bundled credentials), and ${outside.join(', ')} may hold it too`,
          hints: [
            `add the contexts of ${outside.join(', ')} to --contexts, or remove clusters that no longer exist: kubectl mesh federate remove`,
          ],
        },
      ]
    })
  },
}

/** The checks before a rotation, in the order of their findings. If one finds an error, nothing is written. */
export const rotationChecks: readonly RotationCheck[] = [safeVersions, observable, allHolders]

/** Returns whether another credential still depends on the old token of a pair. */
export function isStillUsed(pair: Pair, pairs: readonly Pair[], isObserved: (pair: Pair) => boolean): boolean {
  return pairs.some(other => other !== pair && sharesToken(pair, other) && !isObserved(other))
}
