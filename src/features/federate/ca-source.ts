import {prepareRoot} from '../../mesh/ca/create-root.ts'
import type {CaCerts} from '../../pki/ca-certs.ts'
import {issueToFolder} from '../../pki/folder/issue-cluster.ts'
import {hasContent, readFolder} from '../../pki/folder/read.ts'
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
 * Opens the folder of `--ca-dir`, and prints warnings about it. Writes nothing: with `--create-ca`, a root is issued that is
 * stored before the first intermediate.
 *
 * @throws MeshError (exit 2) if the folder is not a CA folder
 */
export async function openCaSource(spec: Federation, terminal: Terminal): Promise<CaSource> {
  const {caDir, createCa} = spec
  if (caDir !== undefined && createCa && !(await hasContent(caDir))) return createdSource(spec, caDir, terminal)
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
    issueFor: issuer(spec, caDir, {intermediates, issued}),
    issued,
  }
}

async function createdSource(spec: Federation, caDir: string, terminal: Terminal): Promise<CaSource> {
  const root = await prepareRoot({dir: caDir, keyType: 'ecdsa-p256'}, terminal)
  const intermediates = new Map<string, CaCerts>()
  const issued: string[] = []
  const issueFor = issuer(spec, caDir, {intermediates, issued})
  let isStored = false
  return {
    roots: {folder: root.certificate, folderName: caDir, intermediates, requested: [], hasKey: true},
    intermediates,
    issueFor: async clusters => {
      if (!isStored) await root.store()
      isStored = true
      return issueFor(clusters)
    },
    issued,
  }
}

function issuer(
  {systemNamespace}: Federation,
  caDir: string,
  {intermediates, issued}: {intermediates: Map<string, CaCerts>; issued: string[]},
): CaSource['issueFor'] {
  return async clusters => {
    for (const cluster of clusters) {
      if (intermediates.has(cluster)) continue
      intermediates.set(cluster, await issueToFolder(caDir, cluster, {systemNamespace}))
      issued.push(cluster)
    }
  }
}
