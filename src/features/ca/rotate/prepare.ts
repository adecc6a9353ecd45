import {refusedError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {defaultCaFolder, initCa} from '../../../mesh/ca/create-root.ts'
import type {CaCerts} from '../../../pki/ca-certs.ts'
import {issueToFolder} from '../../../pki/folder/issue-cluster.ts'
import {completePromotion, hasNext, nextFolder} from '../../../pki/folder/next.ts'
import {type CaFolder, readFolder} from '../../../pki/folder/read.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import type {Run} from '../../../run/run.ts'
import {formatWarnings} from '../../../terminal/output/findings.ts'
import {caChangeChecks} from '../change/checks.ts'
import {caChecks, rotationChecks} from './checks.ts'
import {moveOf, type Stage, stageOf} from './istio-stages.ts'
import type {StageCas} from './objects.ts'
import {type RotationMember, readRotationMember} from './read.ts'
import type {CaRotate} from './spec.ts'

/** A cluster with its stage. */
export interface StagedMember extends RotationMember {
  stage: Stage
}

/** What was read and checked before a stage. */
export interface Prepared {
  dir: string
  folder: CaFolder
  /** The folder contains a new root. */
  hasNext: boolean
  members: readonly StagedMember[]
}

/** The roots, and the CAs of the clusters below them. */
export interface Material {
  old: Certificate
  next: Certificate
  casOf(cluster: string): StageCas
}

/**
 * Reads the CA folder and the clusters, and checks them. Completes the promotion of an interrupted run, unless this is a dry run.
 *
 * @throws MeshError (exit 3) that lists every finding of level error
 */
export async function prepareRotation(spec: CaRotate, run: Run): Promise<Prepared> {
  const dir = spec.dir ?? defaultCaFolder
  if (run.write.dryRun === 'none') await completePromotion(dir)
  const [folder, isStarted] = await Promise.all([readFolder(dir), hasNext(dir)])
  run.terminal.message(formatWarnings(folder.warnings))
  const old = rootOf(folder, dir)
  const next = isStarted ? rootOf(await readFolder(nextFolder(dir)), nextFolder(dir)) : undefined
  const read = await Promise.all(spec.contexts.map(context => readRotationMember(spec, context, run)))
  const staged = read.map(member => ({...member, stage: stageOf(member.data, {old, next})}))
  const roots = [old, ...(next ? [next] : [])]
  const unstarted = staged.filter(({stage}) => stage === 'old')
  const subject = {
    ...{members: staged, folder: dir, inFolder: Object.keys(folder.clusters), vmsRenewed: spec.vmsRenewed},
    to: nextOf(staged, spec),
  }
  reportFindings(
    [
      ...runChecks(caChecks, {members: staged, folder: dir, roots}),
      ...runChecks(caChangeChecks, {members: unstarted, folder: dir, roots}).filter(({check}) => check === 'ca-used'),
      ...runChecks(rotationChecks, subject),
    ],
    run,
  )
  return {dir, folder, hasNext: isStarted, members: staged.map(one => ({...one, stage: one.stage!}))}
}

function rootOf({root}: CaFolder, dir: string): Certificate {
  const roots = readCertificates(root.certificate, `${dir}/root-cert.pem`)
  if (roots.length === 1) return roots[0]!
  throw refusedError(`${dir}/root-cert.pem contains ${roots.length} certificates; expected only the root`)
}

/** The stage that the clusters enter; undefined if none changes. */
function nextOf(members: readonly {stage: Stage | undefined}[], {stage, revert}: CaRotate): Stage | undefined {
  const known = members.flatMap(one => one.stage ?? [])
  const move = moveOf(known, {stage: stage === 'next' ? undefined : stage, revert})
  return 'to' in move && !revert ? move.to : undefined
}

/**
 * Creates the new root and the CAs below it, unless an earlier run did. Nothing of them is used before a cluster changes.
 *
 * @throws MeshError (exit 2) for a root that cannot sign
 */
export async function openMaterial({dir, folder, members}: Prepared, spec: CaRotate, run: Run): Promise<Material> {
  const {keyType, organization, days, commonName = `Root CA ${new Date().toISOString().slice(0, 10)}`} = spec
  const target = nextFolder(dir)
  if (!(await hasNext(dir))) await initCa({dir: target, commonName, organization, keyType, days}, run.terminal)
  const known = (await readFolder(target)).clusters
  for (const {name, systemNamespace} of members)
    if (!known[name]) await issueToFolder(target, name, {systemNamespace, keyType})
  const next = await readFolder(target)
  return {
    old: rootOf(folder, dir),
    next: rootOf(next, target),
    casOf: cluster => ({old: folder.clusters[cluster] as CaCerts, next: next.clusters[cluster] as CaCerts}),
  }
}
