import type {CaCerts} from '../../pki/ca-certs.ts'
import {issueToFolder} from '../../pki/folder/issue-cluster.ts'
import {readFolder} from '../../pki/folder/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import type {RootsFound} from './preflight/subject.ts'
import type {Federation} from './spec.ts'

/** Where `cacerts` come from: the CA folder, or nowhere. */
export interface CaSource {
  roots: RootsFound
  /** What the folder holds, by cluster name. */
  intermediates: Map<string, CaCerts>
  /** Issues what the folder lacks for these clusters, into the folder and `intermediates`. */
  issueFor: (clusters: readonly string[]) => Promise<void>
}

/** Opens the folder of `--ca-dir`. Nothing is written. Throws MeshError (exit 2) on a folder that is none. */
export async function openCaSource(spec: Federation, terminal: Terminal): Promise<CaSource> {
  const {caDir, systemNamespace} = spec
  if (caDir === undefined)
    return {roots: {folder: undefined, folderName: undefined}, intermediates: new Map(), issueFor: async () => {}}
  const folder = await readFolder(caDir)
  const warnings = formatWarnings(folder.warnings)
  if (warnings !== '') terminal.message(warnings)
  const intermediates = new Map(Object.entries(folder.clusters))
  return {
    roots: {folder: folder.root.certificate, folderName: caDir, intermediates, hasKey: folder.root.hasKey},
    intermediates,
    issueFor: async clusters => {
      for (const cluster of clusters)
        if (!intermediates.has(cluster))
          intermediates.set(cluster, await issueToFolder(caDir, cluster, {systemNamespace}))
    },
  }
}
