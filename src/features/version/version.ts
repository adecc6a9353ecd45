import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {minorOf} from '../../istio/control-plane.ts'
import {minorText, newestIstio, oldestIstio} from '../../istio/versions.ts'
import {findTool, runFoundTool} from '../../tools/run-tool.ts'

/** The versions of the program and of what it runs with. `-o json` and `-o yaml` print it; see docs/output.md. */
export interface Versions {
  clientVersion: string
  /** Full hash of the commit that was built. Missing if the sources were no Git checkout. */
  gitCommit?: string
  /** Date of the commit, RFC 3339 in UTC. */
  commitDate?: string
  platform: string
  node: string
  /** Version of the kubectl on the PATH; missing if there is none. */
  kubectl?: string
  /** The oldest and the newest supported minor version. */
  supportedIstio: {oldest: string; newest: string}
}

/** What `scripts/make.ts` writes to `dist/build.json`. */
export interface BuildInfo {
  gitCommit: string
  commitDate: string
}

/** kubectl completes the commands of plugins since this minor version (Kubernetes 1.26, `kubectl_complete-`). */
const oldestCompleting = 1026

/**
 * Reads the versions. Runs `kubectl version --client`.
 *
 * @param program version and root folder of the program
 */
export async function readVersions({version, root}: {version: string; root: string}): Promise<Versions> {
  const kubectl = await readKubectl()
  return {
    clientVersion: version,
    ...readBuild(join(root, 'dist', 'build.json')),
    platform: `${process.platform}/${process.arch}`,
    node: process.versions.node,
    ...(kubectl === undefined ? {} : {kubectl}),
    supportedIstio: {oldest: minorText(oldestIstio), newest: minorText(newestIstio)},
  }
}

/** Formats the versions as lines. Reports a kubectl that does not complete the commands of plugins. */
export function versionText(versions: Versions): string {
  const {gitCommit, commitDate, kubectl, supportedIstio} = versions
  const minor = minorOf(kubectl)
  const isOld = minor !== undefined && minor < oldestCompleting
  return [
    `Client Version: ${versions.clientVersion}`,
    ...(gitCommit === undefined ? [] : [`Commit: ${gitCommit} (${commitDate})`]),
    `Node.js: ${versions.node} (${versions.platform})`,
    `kubectl: ${kubectl ?? 'not found on your PATH'}${isOld ? ` (completion of "kubectl mesh" requires ${minorText(oldestCompleting)} or newer)` : ''}`,
    `Supported Istio: ${supportedIstio.oldest} to ${supportedIstio.newest}`,
  ].join('\n')
}

function readBuild(file: string): Partial<BuildInfo> {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

async function readKubectl(): Promise<string | undefined> {
  const file = await findTool('kubectl')
  if (file === undefined) return undefined
  const {stdout} = await runFoundTool(file, ['version', '--client', '-o', 'json'])
  return /"gitVersion":\s*"(v[\w.+-]+)"/.exec(stdout)?.[1] ?? 'unknown'
}
