import type {CaCerts} from '../../pki/ca-certs.ts'
import {issueToFolder} from '../../pki/folder/issue-cluster.ts'
import {readFolder} from '../../pki/folder/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import type {CaFolder} from './preflight/subject.ts'
import type {Federation} from './spec.ts'

/** The source of `cacerts`: the CA folder, if there is one. */
export interface CaSource {
  roots: CaFolder
  /** The intermediates in the folder, by cluster name. */
  intermediates: Map<string, CaCerts>
  /** Issues the missing intermediates of these clusters into the folder, and adds them to `intermediates`. */
  issueFor: (clusters: readonly string[]) => Promise<void>
  /** The clusters whose intermediates this run has issued into the folder. */
  issued: readonly string[]
}

/**
 * Opens the folder of `--ca-dir`, and prints warnings about it. Writes nothing.
 *
 * @throws MeshError (exit 2) if the folder is not a CA folder
 */
export async function openCaSource(spec: Federation, terminal: Terminal): Promise<CaSource> {
  const {caDir, systemNamespace} = spec
  if (caDir === undefined)
    return {
      roots: {folder: undefined, folderName: undefined},
      intermediates: new Map(),
      issueFor: async () => {},
      issued: [],
    }
  const folder = await readFolder(caDir)
  terminal.message(formatWarnings(folder.warnings))
  const intermediates = new Map(Object.entries(folder.clusters))
  const issued: string[] = []
  return {
    roots: {
      folder: folder.root.certificate,
      folderName: caDir,
      intermediates,
      requested: folder.requested,
      hasKey: folder.root.hasKey,
    },
    intermediates,
    issueFor: async clusters => {
      for (const cluster of clusters) {
        if (intermediates.has(cluster)) continue
        intermediates.set(cluster, await issueToFolder(caDir, cluster, {systemNamespace}))
        issued.push(cluster)
      }
    },
    issued,
  }
}
