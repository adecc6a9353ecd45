import type {Check} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {fingerprintOf, sameRoot} from '../../../pki/read.ts'
import {shellWord} from '../../../spec/read.ts'
import type {FederationSubject} from './subject.ts'

/** The root that a cluster's workloads are to trust: of its `cacerts`, else what istiod hands out now; a remote has only that. */
export function rootOf(member: MeshMember): {pem: string; pluggedIn: boolean} | undefined {
  const data = member.facts?.caSecret?.data as Record<string, string> | undefined
  // ca.crt is the chain of the TLS layout, which wins where tls.crt exists (istio pilot/pkg/bootstrap, 1.31)
  const plugged = data?.['root-cert.pem'] ?? (data?.['tls.crt'] === undefined ? undefined : data['ca.crt'])
  if (plugged !== undefined && member.primary === undefined)
    return {pem: Buffer.from(plugged, 'base64').toString('utf8'), pluggedIn: true}
  const served = member.facts?.servedRoot
  return served === undefined ? undefined : {pem: served, pluggedIn: false}
}

const oneRoot: Check<FederationSubject> = {
  id: 'one-root',
  about: 'all clusters have one root CA',
  run: ({all, roots}) => {
    if (roots.folder !== undefined) return []
    // a remote gets the root of its primary, whatever it has now
    const signing = all.filter(({primary}) => primary === undefined)
    const known = signing.flatMap(member => {
      const root = rootOf(member)
      return root ? [{member, root}] : []
    })
    const first = known[0]
    const different = known.filter(({root}) => first && !sameRoot(root.pem, first.root.pem))
    const missing = signing.length < 2 ? [] : signing.filter(member => !rootOf(member))
    const hints = ['kubectl mesh ca init --dir mesh-ca', 'then this command with --ca-dir mesh-ca']
    return [
      ...different.map(({member, root}) => ({
        cluster: member.cluster,
        message: `its root CA (${fingerprintOf(root.pem)}) is not that of ${first!.member.cluster} (${fingerprintOf(first!.root.pem)}): mTLS between them would fail`,
        hints,
      })),
      ...missing.map(member => ({
        cluster: member.cluster,
        message: 'its root CA is not known: no Secret cacerts, and istiod has not handed one out',
        hints,
      })),
    ]
  },
}

/** Another root that is plugged in is never replaced: every workload of the cluster hangs on it. */
const folderRoot: Check<FederationSubject> = {
  id: 'folder-root',
  about: 'the clusters have the root of --ca-dir, or none that was plugged in',
  run: ({all, roots}) =>
    all.flatMap(member => {
      const root = rootOf(member)
      if (member.primary !== undefined) return []
      if (roots.folder === undefined || !root || sameRoot(root.pem, roots.folder)) return []
      const {cluster} = member
      if (root.pluggedIn)
        return [
          {
            cluster,
            message: `its cacerts has another root (${fingerprintOf(root.pem)}) than ${roots.folderName} (${fingerprintOf(roots.folder)})`,
            hints: [
              'replacing a root breaks mTLS of everything that runs; leave this cluster out, or rotate the root in stages first',
            ],
          },
        ]
      return [
        {
          level: 'warning' as const,
          cluster,
          message:
            'its istiod signs with a root of its own until it is restarted, and workloads keep that until they are',
          hints: [
            `afterwards: kubectl --context ${shellWord(member.context)} -n ${member.controlPlane?.namespace ?? 'istio-system'} rollout restart deployment -l app=istiod`,
            'then restart the workloads',
          ],
        },
      ]
    }),
}

export const rootChecks: readonly Check<FederationSubject>[] = [oneRoot, folderRoot]
