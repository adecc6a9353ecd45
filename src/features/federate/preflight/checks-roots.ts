import type {MeshMember} from '../../../mesh/members.ts'
import {fingerprintOf, sameRoot} from '../../../pki/read.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** The root CA of a cluster. */
export interface ClusterRoot {
  pem: string
  /** It is from the Secret `cacerts`. Otherwise istiod created it or uses it now. */
  pluggedIn: boolean
}

/**
 * Returns the root that the workloads of a cluster trust: that of `cacerts`, otherwise the one that istiod distributes now.
 * For a remote it is always the latter, since no istiod reads its `cacerts`.
 */
export function rootOf(member: MeshMember): ClusterRoot | undefined {
  const data = member.facts?.caSecret?.data as Record<string, string> | undefined
  // In the layout of a TLS Secret, which has precedence, ca.crt is the root (istio pilot/pkg/bootstrap, 1.31).
  const plugged = data?.['root-cert.pem'] ?? (data?.['tls.crt'] === undefined ? undefined : data['ca.crt'])
  if (plugged !== undefined && member.primary === undefined)
    return {pem: Buffer.from(plugged, 'base64').toString('utf8'), pluggedIn: true}
  const served = member.facts?.servedRoot
  return served === undefined ? undefined : {pem: served, pluggedIn: false}
}

const newRootHints = ['kubectl mesh ca init --dir mesh-ca', 'then run this command again with --ca-dir mesh-ca']

const oneRoot: FederationCheck = {
  id: 'one-root',
  about: 'all clusters have the same root CA',
  run: ({all, roots}) => {
    if (roots.folder !== undefined) return []
    // A remote receives the root of its primary, regardless of its current root.
    const signing = all.filter(({primary}) => primary === undefined)
    const known = signing.flatMap(member => {
      const root = rootOf(member)
      return root ? [{cluster: member.cluster, root}] : []
    })
    const [first] = known
    const different = known.filter(({root}) => first && !sameRoot(root.pem, first.root.pem))
    const missing = signing.length < 2 ? [] : signing.filter(member => !rootOf(member))
    return [
      ...different.map(({cluster, root}) => ({
        cluster,
        message: `its root CA (${fingerprintOf(root.pem)}) is not that of ${first!.cluster} (${fingerprintOf(first!.root.pem)}): mTLS between them would fail`,
        hints: newRootHints,
      })),
      ...missing.map(({cluster}) => ({
        cluster,
        message: 'its root CA is unknown: there is no Secret cacerts, and istiod has not distributed a root',
        hints: newRootHints,
      })),
    ]
  },
}

/** A root in `cacerts` is never replaced, because the certificates of all workloads depend on it. */
const folderRoot: FederationCheck = {
  id: 'folder-root',
  about: 'the cacerts of each cluster has the root of --ca-dir',
  run: forEachMember((member, {roots}) => {
    const root = rootOf(member)
    if (member.primary !== undefined || roots.folder === undefined) return undefined
    if (!root || sameRoot(root.pem, roots.folder)) return undefined
    return root.pluggedIn ? otherRoot(root, roots.folder, roots.folderName) : selfSigned(member)
  }),
}

function otherRoot(root: ClusterRoot, folder: string, folderName: string | undefined): MemberFinding {
  return {
    message: `the root CA of its cacerts is ${fingerprintOf(root.pem)}; expected that of ${folderName}, ${fingerprintOf(folder)}`,
    hints: [
      'replacing the root breaks mTLS of all running workloads: omit this cluster, or first rotate the root in stages',
    ],
  }
}

function selfSigned({context, controlPlane}: MeshMember): MemberFinding {
  const kubectl = `kubectl --context ${shellWord(context)} -n ${controlPlane?.namespace ?? 'istio-system'}`
  return {
    level: 'warning',
    message:
      'istiod signs with a self-signed root until it restarts, and workloads keep its certificates until they restart',
    hints: [`afterwards: ${kubectl} rollout restart deployment -l app=istiod`, 'then restart the workloads'],
  }
}

/** Checks of root CAs. */
export const rootChecks: readonly FederationCheck[] = [oneRoot, folderRoot]
