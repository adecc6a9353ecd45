import {isFromGit, managerOf} from '../../../engine/kubernetes/manager.ts'
import {nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {count, someOf} from '../../../text/count.ts'
import {titleOf} from '../kind.ts'
import type {PlannedDocument} from '../planned.ts'
import {plansByCluster} from '../report-plans.ts'
import type {LeftOut, RenderedCluster} from './objects.ts'
import type {EarlierObject} from './objects-earlier.ts'
import {storeKeysIn} from './objects-external.ts'
import {kubeconfigSecretOf} from './objects-flux.ts'
import type {RenderChoice} from './spec.ts'

/** What a render has written. */
export interface RenderResult {
  /** Number of files. */
  written: number
  /** Paths of files of an earlier render that it has removed. */
  removed: readonly string[]
  /** Objects of an earlier render that documents may need. */
  kept: readonly EarlierObject[]
  /** Objects of an earlier render that no document needs, and that have stayed. */
  unneeded: readonly EarlierObject[]
  /** Names of the clusters of which the folder contained an earlier render. */
  filled: ReadonlySet<string>
}

/**
 * Returns what the user needs to know about a render: what is not in the files, and what to do.
 *
 * @param apply command that writes the rest
 */
export function renderSummary(
  rendered: readonly RenderedCluster[],
  planned: readonly PlannedDocument[],
  result: RenderResult,
  choice: RenderChoice,
  apply: string,
): string[] {
  const clusters = rendered.filter(({objects}) => objects.length > 0)
  return [
    `${count(clusters.length, 'cluster')}, ${count(result.written, 'file')}`,
    ...leftOutLines(rendered),
    ...earlierLines(result),
    ...manualLines(planned),
    ...caWarnings(rendered, apply),
    ...firstWarnings(planned, result),
    ...fluxLines(clusters, choice),
    ...storeLines(clusters, choice),
    ...nextLines(rendered, planned, choice, apply),
  ]
}

/** What is left out, for one and for several. */
const reasons: Readonly<Record<LeftOut['reason'], readonly [string, string]>> = {
  secret: ['Secret', 'Secrets'],
  record: ['record of kubectl mesh', 'records of kubectl mesh'],
  pending: ['object that only a run can complete', 'objects that only a run can complete'],
  edit: ['edit of a shared object', 'edits of shared objects'],
  removal: ['object to delete', 'objects to delete'],
}

/** Returns a line for each reason for which something is left out. */
export function leftOutLines(rendered: readonly RenderedCluster[]): string[] {
  const all = rendered.flatMap(({leftOut}) => leftOut)
  return (Object.keys(reasons) as LeftOut['reason'][]).flatMap(reason => {
    const own = all.filter(one => one.reason === reason)
    if (own.length === 0) return []
    const missing = own.filter(({isMissing}) => isMissing).length
    const what = `${own.length} ${reasons[reason][own.length === 1 ? 0 : 1]}`
    return [`left out: ${what}; ${missing === 0 ? 'the clusters have them' : `${missing} to apply`}`]
  })
}

function earlierLines({removed, kept, unneeded}: RenderResult): string[] {
  const namesOf = (objects: readonly EarlierObject[]) =>
    someOf(objects.map(({cluster, object}) => `${nameOf(refOf(object))} in ${cluster}`))
  return [
    ...(removed.length > 0
      ? [`removed: ${count(removed.length, 'file')} of an earlier render: ${someOf(removed)}`]
      : []),
    ...(kept.length > 0
      ? [
          `kept: ${count(kept.length, 'object')} of an earlier render, which this plan does not contain: ${namesOf(kept)}`,
          'hint:    delete the file of an object that no cluster needs any more',
        ]
      : []),
    ...(unneeded.length > 0
      ? [
          `kept: ${count(unneeded.length, 'object')} of an earlier render, which no document needs: ${namesOf(unneeded)}`,
          'hint:    --prune removes their files, and an engine then deletes the objects',
        ]
      : []),
  ]
}

/** Returns a line for each document that the user must apply. */
export function manualLines(planned: readonly PlannedDocument[]): string[] {
  return planned
    .filter(({manual}) => manual)
    .map(({document}) => `still missing: ${titleOf(document)}: apply what is printed above`)
}

/** An istiod that starts without its CA certificate signs with its own, and a later CA breaks its workloads. */
export function caWarnings(rendered: readonly RenderedCluster[], apply: string): string[] {
  return rendered.flatMap(({cluster, objects, leftOut}) => {
    const [ca] = leftOut.filter(({wave, reason, isMissing}) => wave === waves.ca && reason === 'secret' && isMissing)
    if (!ca || !objects.some(({wave}) => wave === waves.controlPlane)) return []
    return [
      `warning: ${cluster}: ${nameOf(ca.ref)} is left out, and an istiod that starts without it signs with a self-signed CA`,
      `hint:    before an engine applies the files: ${apply}`,
    ]
  })
}

/** What a command creates only if a cluster lacks it is in no plan once an engine has applied it, so that only its file keeps it. */
function firstWarnings(planned: readonly PlannedDocument[], {filled}: RenderResult): string[] {
  const live = plansByCluster(planned)
    .filter(({cluster}) => !filled.has(cluster))
    .map(({cluster, steps}) => ({cluster, managed: steps.flatMap(step => step.live ?? []).filter(isFromGit)}))
    .filter(({managed}) => managed.length > 0)
  if (live.length === 0) return []
  const managed = live.flatMap(one => one.managed)
  const tool = managerOf(managed[0]!)?.tool === 'flux' ? 'Flux' : 'Argo CD'
  const clusters = live.map(({cluster}) => cluster).sort()
  return [
    `warning: ${tool} applies ${count(managed.length, 'object')} of this plan already, and the folder contains no earlier render of ${clusters.join(', ')}: objects that the clusters have may be missing from it`,
    'hint:    if the engine applies this folder, restore it from Git and render again; it would delete the missing objects',
  ]
}

function fluxLines(
  clusters: readonly RenderedCluster[],
  {engine, engineCluster, engineNamespace}: RenderChoice,
): string[] {
  if (engine !== 'flux') return []
  const names = clusters
    .filter(({cluster}) => cluster !== engineCluster)
    .map(({cluster}) => kubeconfigSecretOf(cluster))
  if (names.length === 0) return []
  return [
    `Flux reads kubeconfigs (key value) in ${engineNamespace} from: ${names.map(name => `secret/${name}`).join(', ')}`,
  ]
}

/** The names in the store depend on the clusters, so that they are printed, too. */
function storeLines(clusters: readonly RenderedCluster[], {secrets}: RenderChoice): string[] {
  if (secrets.mode !== 'external-secrets') return []
  const keys = clusters.flatMap(({objects}) =>
    objects.filter(({credential}) => credential).flatMap(({object}) => storeKeysIn(object)),
  )
  const names = [...new Set(keys)]
  if (names.length === 0) return []
  const {kind, name} = secrets.store
  return [`External Secrets reads ${count(names.length, 'key')} from ${kind}/${name}: ${someOf(names)}`]
}

function nextLines(
  rendered: readonly RenderedCluster[],
  planned: readonly PlannedDocument[],
  {secrets}: RenderChoice,
  apply: string,
): string[] {
  const isMissing = rendered.some(({leftOut}) => leftOut.some(one => one.isMissing))
  const later = planned.some(one => one.later)
  const lacksSecrets =
    secrets.mode !== 'none' &&
    rendered.some(({leftOut}) => leftOut.some(({ref, isMissing}) => ref.kind === 'Secret' && isMissing))
  if (!isMissing && !later) return []
  return [
    `hint:    when the engine has applied the files: ${apply}`,
    ...(later ? ['hint:    then render again: the documents that are planned later are not complete'] : []),
    ...(lacksSecrets && !later ? ['hint:    then render again: the files lack Secrets that the clusters lack'] : []),
  ]
}
