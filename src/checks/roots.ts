import type {Joining} from '../facts/members.ts'
import type {CaCerts} from '../manifests/ca.ts'
import {fingerprintOf, sameRoot} from '../pki/read.ts'
import {shellWord} from '../specs/read.ts'
import type {Check} from './check.ts'
import type {FederationSubject} from './federation.ts'

/** The roots that were found, PEM. */
export interface RootsFound {
  /** Of the CA folder, where one was named. */
  folder: string | undefined
  folderName: string | undefined
  /** What the folder holds, by cluster name. */
  intermediates?: ReadonlyMap<string, CaCerts>
  /** The folder can issue more. */
  hasKey?: boolean
}

/** The root that a cluster's workloads are to trust: of its `cacerts`, else what istiod hands out now; a remote has only that. */
export function rootOf(joining: Joining): {pem: string; pluggedIn: boolean} | undefined {
  const data = joining.facts?.caSecret?.data as Record<string, string> | undefined
  // ca.crt is the chain of the TLS layout, which wins where tls.crt exists (istio pilot/pkg/bootstrap, 1.31)
  const plugged = data?.['root-cert.pem'] ?? (data?.['tls.crt'] === undefined ? undefined : data['ca.crt'])
  if (plugged !== undefined && joining.primary === undefined)
    return {pem: Buffer.from(plugged, 'base64').toString('utf8'), pluggedIn: true}
  const served = joining.facts?.servedRoot
  return served === undefined ? undefined : {pem: served, pluggedIn: false}
}

const oneRoot: Check<FederationSubject> = {
  id: 'one-root',
  about: 'all clusters have one root CA',
  run: ({all, roots}) => {
    if (roots.folder !== undefined) return []
    // a remote gets the root of its primary, whatever it has now
    const signing = all.filter(({primary}) => primary === undefined)
    const known = signing.flatMap(joining => {
      const root = rootOf(joining)
      return root ? [{joining, root}] : []
    })
    const first = known[0]
    const different = known.filter(({root}) => first && !sameRoot(root.pem, first.root.pem))
    const missing = signing.length < 2 ? [] : signing.filter(joining => !rootOf(joining))
    const hints = ['kubectl mesh ca init --dir mesh-ca', 'then this command with --ca-dir mesh-ca']
    return [
      ...different.map(({joining, root}) => ({
        cluster: joining.cluster,
        message: `its root CA (${fingerprintOf(root.pem)}) is not that of ${first!.joining.cluster} (${fingerprintOf(first!.root.pem)}): mTLS between them would fail`,
        hints,
      })),
      ...missing.map(joining => ({
        cluster: joining.cluster,
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
    all.flatMap(joining => {
      const root = rootOf(joining)
      if (joining.primary !== undefined) return []
      if (roots.folder === undefined || !root || sameRoot(root.pem, roots.folder)) return []
      const {cluster} = joining
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
            `afterwards: kubectl --context ${shellWord(joining.context)} -n ${joining.controlPlane?.namespace ?? 'istio-system'} rollout restart deployment -l app=istiod`,
            'then restart the workloads',
          ],
        },
      ]
    }),
}

export const rootChecks: readonly Check<FederationSubject>[] = [oneRoot, folderRoot]
