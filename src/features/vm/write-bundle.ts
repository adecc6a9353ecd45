import {mkdir, readdir, readFile, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {requestToken} from '../../engine/cluster/tokens.ts'
import {refusedError} from '../../errors.ts'
import {claimsOf} from '../../mesh/read-credentials.ts'
import type {Run} from '../../run/run.ts'
import {codeOf, createFolder, type Files, removeLeftovers, replaceFile} from '../../text/files.ts'
import {buildBundle} from './bundle/files.ts'
import {gatewayFor} from './gateway.ts'
import {vmSetName} from './objects.ts'
import {readRoot, type VmFacts} from './read.ts'
import {bundleSourceOf, type NamedVm} from './read-bundle.ts'

/** The folder that a VM's files go to when none is named. */
export function bundleFolder(name: string, said: string | undefined): string {
  return said ?? `${name}-vm`
}

/** Refuses a folder that others can look into: the token would lie there. Before anything is written. */
export async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!found) return
  if (!found.isDirectory()) throw refusedError(`${folder} is not a folder`, '--output-dir ANOTHER')
  if ((found.mode & 0o077) !== 0)
    throw refusedError(
      `${folder} is open to other users of this machine, and a token would lie there`,
      `chmod 700 ${folder}`,
      'or --output-dir ANOTHER, which is made',
    )
}

/** Root and token for a machine: secrets. */
export interface VmSecrets {
  rootCert: string
  token: string
  expires: Date
}

/**
 * A token that ends with the VM's Secret, and the root. `held` is kept as long as it is for this VM and more than half of
 * its time is left, so that registering again changes nothing.
 */
export async function secretsFor(spec: NamedVm, facts: VmFacts, held: string | undefined): Promise<VmSecrets> {
  const {cluster, plane} = facts
  const anchor = await cluster.get({
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: spec.namespace,
    name: vmSetName(spec.name),
  })
  if (!anchor?.metadata.uid)
    throw refusedError(
      `Secret ${spec.namespace}/${vmSetName(spec.name)} is not there, on which the token would hang`,
      `kubectl mesh vm register ${spec.name} -n ${spec.namespace} … makes it again`,
    )
  const rootCert = await readRoot(cluster, plane!, spec.namespace)
  if (rootCert === undefined)
    throw refusedError(
      `ConfigMap ${plane!.rootConfigMap} is neither in ${spec.namespace} nor in ${spec.systemNamespace}`,
      'istiod puts the root there when it runs: run this again then',
    )
  const claims = claimsOf(held ?? '')
  const left = (claims.expires?.getTime() ?? 0) - Date.now()
  const isOfThis =
    claims.boundUid === anchor.metadata.uid &&
    claims.subject === `system:serviceaccount:${spec.namespace}:${spec.serviceAccount}`
  if (held !== undefined && isOfThis && left > spec.tokenDuration / 2)
    return {rootCert, token: held, expires: claims.expires!}
  const minted = await requestToken(cluster, {
    namespace: spec.namespace,
    serviceAccount: spec.serviceAccount,
    audiences: ['istio-ca'],
    durationSeconds: Math.round(spec.tokenDuration / 1000),
    boundSecret: {name: anchor.metadata.name, uid: anchor.metadata.uid},
  })
  return {rootCert, ...minted}
}

/** What came of writing a bundle. */
export interface WrittenBundle {
  folder: string
  /** Paths, in the order written. */
  files: string[]
  tokenEnds: Date
}

/** Writes the files for a machine; with `renew` the token is made anew in any case. */
export async function writeBundle(
  spec: NamedVm,
  facts: VmFacts,
  folder: string,
  run: Pick<Run, 'terminal'>,
  renew: boolean,
): Promise<WrittenBundle> {
  const gateway = await gatewayFor(spec.gatewayAddress, facts, run.terminal)
  const secrets = await secretsFor(spec, facts, renew ? undefined : await heldToken(folder))
  const files = buildBundle(bundleSourceOf(spec, facts.plane!, gateway, secrets), spec.format)
  await writeFiles(folder, files)
  return {folder, files: Object.keys(files).map(name => join(folder, name)), tokenEnds: secrets.expires}
}

/** The token of an earlier bundle. */
export async function heldToken(folder: string): Promise<string | undefined> {
  return (await readIfThere(join(folder, 'istio-token')))?.trim()
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

/** A folder that is not there appears whole; in one that is, each file is replaced whole. Other files are left alone. */
async function writeFiles(folder: string, files: Files): Promise<void> {
  await mkdir(dirname(resolve(folder)), {recursive: true})
  await removeLeftovers(folder)
  const there = await readdirIfThere(folder)
  if (there === undefined || there.length === 0) return createFolder(folder, files)
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name)
    await removeLeftovers(path)
    if (!(await isSame(path, file))) await replaceFile(path, file)
  }
}

async function isSame(path: string, {text, mode}: Files[string]): Promise<boolean> {
  if ((await readIfThere(path)) !== text) return false
  return ((await stat(path)).mode & 0o777) === mode
}

async function readdirIfThere(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}
