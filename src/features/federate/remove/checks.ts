import {peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import {problemsIn} from '../../../errors.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {isSharedToken} from '../../../istio/names.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readRemoteRecord} from '../../../mesh/record.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {clusterKeys} from './objects.ts'
import {removedSecrets} from './objects-record.ts'
import {
  allRegistrationKeys,
  foreignRemoteSecrets,
  type RemovalCluster,
  type RemovalSubject,
  registrationKeys,
  unnamedPeers,
} from './subject.ts'

type RemovalCheck = Check<RemovalSubject>

const reachable: RemovalCheck = {
  id: 'reachable',
  about: 'all clusters are reachable',
  run: ({spec, staying, leaving}) => [
    ...staying.flatMap(cluster => unreachable(cluster, [])),
    ...(spec.unreachableOk
      ? []
      : leaving.flatMap(cluster => unreachable(cluster, ['--unreachable-ok continues without it']))),
  ],
}

function unreachable({member, error}: RemovalCluster, hints: string[]): Finding[] {
  if (error === undefined) return []
  return problemsIn(error).map(problem => ({
    message: `${member.context}: ${problem.message}`,
    hints: [...(problem.hints ?? []), ...hints],
  }))
}

/** A wrong context, name or namespace must not look like a removal. */
const somethingFound: RemovalCheck = {
  id: 'found',
  about: 'a leaving cluster has joined, or a staying one knows it',
  run: subject => {
    const {spec, staying, leaving} = subject
    const isFound = ({member}: RemovalCluster) =>
      hasJoined(member, subject) || staying.some(one => knows(one.member, member))
    if (leaving.some(isFound)) return []
    const names = leaving.map(({member}) => member.cluster).join(', ')
    const reached = [...leaving, ...staying].filter(({error}) => error === undefined).map(({member}) => member.context)
    const where = reached.length > 0 ? `namespace ${spec.systemNamespace} of ${reached.join(', ')}` : 'no cluster'
    return [
      {
        message: `${names}: no federation found; searched ConfigMap ${federationApplySet(spec).name}, remote Secrets and tokens in ${where}`,
        hints: [
          ...(staying.length === 0 ? ['set the clusters that stay: --from CTX,CTX'] : []),
          'if istiod runs in another namespace: --system-namespace NS',
          `if the cluster has another name in the mesh: --cluster-name ${shellWord(`${leaving[0]!.member.context}=NAME`)}`,
        ],
      },
    ]
  },
}

/** Whether a cluster that can be read has objects of a federation, whoever created them. */
function hasJoined({facts}: MeshMember, subject: RemovalSubject): boolean {
  if (!facts) return false
  const keys = allRegistrationKeys(subject)
  const registered = facts.remoteSecrets.flatMap(clusterKeys)
  return facts.record !== undefined || facts.created.length > 0 || registered.some(key => keys.has(key))
}

const noOrphans: RemovalCheck = {
  id: 'primary-and-remotes',
  about: 'a primary leaves together with its remote clusters, or after them',
  run: subject =>
    subject.leaving.flatMap((leaver): Finding[] => {
      const remotes = remotesLeftBy(leaver, subject)
      if (remotes.length === 0) return []
      return [
        {
          message: `${leaver.member.cluster} is the primary of ${remotes.join(', ')}, which would be left without a control plane`,
          hints: ['remove its remote clusters first, or add them to --contexts'],
        },
      ]
    }),
}

/**
 * The remote clusters that would lose their primary. The credentials of an unreachable primary cannot be read, but
 * the records of the staying clusters name their primary.
 */
function remotesLeftBy({member: {cluster, facts}}: RemovalCluster, subject: RemovalSubject): string[] {
  const keys = allRegistrationKeys(subject)
  const record = readRemoteRecord(facts?.record)
  const isPrimary = record !== undefined && record.primary === undefined
  const watched = facts && isPrimary ? credentialsIn(facts).map(({target}) => target) : []
  const staying = subject.staying
    .filter(({member}) => readRemoteRecord(member.facts?.record)?.primary === cluster)
    .map(({member}) => member.cluster)
  return [...staying, ...watched.filter(target => !keys.has(target))]
}

const noForgottenPeers: RemovalCheck = {
  id: 'unnamed-peers',
  about: 'all clusters that a leaving cluster is joined with are in --from or --contexts',
  run: subject => {
    const unnamed = [...new Set(subject.leaving.flatMap(leaver => unnamedPeers(leaver, subject, 'any')))]
    if (unnamed.length === 0) return []
    const leaving = subject.leaving.map(({member}) => member.cluster)
    return [
      {
        level: 'warning',
        message: `${leaving.join(', ')} ${leaving.length === 1 ? 'stays' : 'stay'} registered in ${unnamed.join(', ')}`,
        hints: ['add the context of each of these clusters to --from'],
      },
    ]
  },
}

/** The user named these clusters, and istiod would go on to use the credentials. */
const foreignCredentials: RemovalCheck = {
  id: 'foreign-credentials',
  about: 'kubectl-mesh created all remote Secrets that are removed',
  run: subject => {
    const {staying, leaving} = subject
    const gone = registrationKeys(leaving)
    const all = allRegistrationKeys(subject)
    return [
      ...staying.flatMap(({member}) => foreignFindings(member, gone)),
      ...leaving.flatMap(({member}) => foreignFindings(member, all)),
    ]
  },
}

function foreignFindings(member: MeshMember, named: ReadonlyMap<string, string>): Finding[] {
  if (!member.facts) return []
  return foreignRemoteSecrets(member).flatMap((secret): Finding[] => {
    const keys = clusterKeys(secret)
    const removed = keys.filter(key => named.has(key))
    if (removed.length === 0) return []
    const what = removed.length === keys.length ? 'the Secret is removed' : `the key ${removed.join(', ')} is removed`
    const registers = removed.map(key => (named.get(key) === key ? key : `${named.get(key)} as ${key}`)).join(', ')
    const {name} = secret.metadata
    return [
      {
        level: 'warning',
        cluster: member.cluster,
        message: `Secret ${name}, which kubectl-mesh did not create, registers ${registers}; ${what}`,
      },
    ]
  })
}

/** The token that all peers share cannot be revoked for one of them alone. */
const noSharedTokens: RemovalCheck = {
  id: 'shared-tokens',
  about: 'no leaving cluster shares a token with other clusters',
  run: ({spec, staying, leaving}) =>
    staying.flatMap(({member: {cluster, context, facts}}) =>
      (facts?.created ?? [])
        .filter(({metadata}) => isSharedToken(metadata.name))
        .map(({metadata: {name}}) => ({
          level: 'warning',
          cluster,
          message: `the token that ${leaving.map(({member}) => member.cluster).join(', ')} may hold stays valid, because all clusters share it (bundled credentials)`,
          hints: [
            `to revoke it: kubectl ${contextFlags(context)} -n ${spec.systemNamespace} delete secret ${name}`,
            'then run kubectl mesh federate for the staying clusters, which creates a new token',
          ],
        })),
    ),
}

/** A cluster that is not reachable may have another name in the mesh than its context. */
const namesKnown: RemovalCheck = {
  id: 'known-names',
  about: 'the staying clusters have objects for each leaving cluster that is not reachable',
  run: ({staying, leaving}) =>
    leaving
      .filter(({error}) => error !== undefined)
      .filter(({member}) => staying.length > 0 && !staying.some(one => knows(one.member, member)))
      .map(({member: {cluster, context}}) => ({
        level: 'warning',
        message: `${staying.map(({member}) => member.cluster).join(', ')}: no objects found for cluster ${cluster}`,
        hints: [`if it had another name in the mesh: --cluster-name ${shellWord(`${context}=NAME`)}`],
      })),
}

function knows({facts}: MeshMember, leaver: MeshMember): boolean {
  const {cluster} = leaver
  const keys = registrationKeys([{member: leaver}])
  return (
    readRemoteRecord(facts!.record)?.primary === cluster ||
    credentialsIn(facts!).some(({target}) => keys.has(target)) ||
    facts!.created.some(({metadata}) => metadata.annotations?.[peerAnnotation] === cluster) ||
    removedSecrets(facts!, [cluster]).length > 0 ||
    parseImports(facts!.imports).imports.some(({imported}) => Object.hasOwn(imported.exporters, cluster))
  )
}

/** The checks before a removal. Those of a stage run only if the stages before found no error. */
export const removalChecks: readonly (readonly RemovalCheck[])[] = [
  [reachable],
  [somethingFound],
  [noOrphans],
  [noForgottenPeers, foreignCredentials, noSharedTokens, namesKnown],
]
