import {type ClusterRoot, externalCaHints, rootOf} from '../../../mesh/ca/root.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {fingerprintOf, sameRoot} from '../../../pki/read.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** A root from `--ca-dir` has an effect only where istiod is the CA. */
function newRootHints(all: readonly MeshMember[]): string[] {
  const external = all.find(({controlPlane}) => controlPlane?.externalCa !== undefined)
  return external
    ? [
        `in ${external.cluster} another CA than istiod issues the certificates (${external.controlPlane!.externalCa})`,
        ...externalCaHints,
      ]
    : ['kubectl mesh ca init --dir mesh-ca', 'then run this command again with --ca-dir mesh-ca']
}

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
    const hints = newRootHints(signing)
    return [
      ...different.map(({cluster, root}) => ({
        cluster,
        message: `its root CA (${fingerprintOf(root.pem)}) is not that of ${first!.cluster} (${fingerprintOf(first!.root.pem)}): mTLS between them would fail`,
        hints,
      })),
      ...missing.map(({cluster}) => ({
        cluster,
        message: 'its root CA is unknown: there is no Secret cacerts, and istiod has not distributed a root',
        hints,
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
    if (!readsFolder(member) || roots.folder === undefined) return undefined
    if (!root || sameRoot(root.pem, roots.folder)) return undefined
    return root.pluggedIn ? otherRoot(root, roots.folder, roots.folderName) : selfSigned(member)
  }),
}

/** Whether the istiod of a cluster reads `cacerts`. The check `external-ca` reports the clusters where another CA signs. */
function readsFolder({primary, controlPlane}: MeshMember): boolean {
  return primary === undefined && controlPlane?.externalCa === undefined
}

const externalCa: FederationCheck = {
  id: 'external-ca',
  about: 'istiod is the CA where --ca-dir is set',
  run: forEachMember(({primary, controlPlane}, {roots}) => {
    if (roots.folder === undefined || primary !== undefined || controlPlane?.externalCa === undefined) return undefined
    return {
      message: `another CA than istiod issues the certificates (${controlPlane.externalCa}): nothing would read the cacerts of ${roots.folderName}`,
      hints: [...externalCaHints],
    }
  }),
}

/** istiod reads a new root only when it starts. Until then, equal `cacerts` do not make workloads trust each other. */
const servedRoot: FederationCheck = {
  id: 'served-root',
  about: 'istiod distributes the root CA of its cacerts',
  run: forEachMember(member => {
    const [root, served] = [rootOf(member), member.facts?.servedRoot]
    if (!root?.pluggedIn || served === undefined || sameRoot(root.pem, served)) return undefined
    return {
      level: 'warning',
      message: `istiod still distributes another root CA (${fingerprintOf(served)}) than that of its cacerts (${fingerprintOf(root.pem)})`,
      hints: restartHints(member, ''),
    }
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

function selfSigned(member: MeshMember): MemberFinding {
  return {
    level: 'warning',
    message:
      'istiod signs with a self-signed root until it restarts, and workloads keep its certificates until they restart',
    hints: restartHints(member, 'afterwards: '),
  }
}

function restartHints({context, controlPlane}: MeshMember, prefix: string): string[] {
  const kubectl = `kubectl ${contextFlags(context)} -n ${controlPlane?.namespace ?? 'istio-system'}`
  return [`${prefix}${kubectl} rollout restart deployment -l app=istiod`, 'then restart the workloads']
}

/** Checks of root CAs. */
export const rootChecks: readonly FederationCheck[] = [oneRoot, externalCa, servedRoot, folderRoot]
