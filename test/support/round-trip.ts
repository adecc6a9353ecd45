import type {Cluster} from '../../src/engine/cluster/cluster.ts'
import {applySetId} from '../../src/engine/kubernetes/applyset.ts'
import {idLabel} from '../../src/engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../src/engine/kubernetes/change.ts'
import {type KubernetesObject, refKey, refOf} from '../../src/engine/kubernetes/object.ts'
import {fileDocument} from '../../src/features/files/export/report-exported.ts'
import type {AppliedKind} from '../../src/features/files/kind.ts'
import {meshKinds} from '../../src/kinds/kinds.ts'
import {isRecord, type LiveCluster} from '../../src/mesh/exported/exported.ts'
import {writeOptionsOf} from '../../src/run/flags/write.ts'
import {accessOf, type Run} from '../../src/run/run.ts'
import type {Raw} from '../../src/spec/field.ts'
import {openTerminal} from '../../src/terminal/output/terminal.ts'

/** Returns the changes that the command of a kind makes in clusters without objects, by the name of the cluster. */
export async function changesOf(
  kind: AppliedKind,
  raw: Record<string, Raw>,
  context = 'east',
): Promise<Map<string, Change[]>> {
  const changes = new Map<string, Change[]>()
  const flags = {v: 0, 'dry-run': 'client', 'force-conflicts': false, 'exit-code': false, yes: false} as const
  const run: Run = {
    terminal: openTerminal({noInput: true}),
    access: accessOf({...flags, kubeconfig: '/dev/null'}),
    write: {...writeOptionsOf(flags), complete: true},
    command: 'kubectl mesh',
    signal: new AbortController().signal,
    answers: [],
    gate: {
      planned: plans => {
        for (const {cluster, steps} of plans)
          changes.set(
            cluster,
            steps.map(({change}) => change),
          )
      },
      outcome: () => undefined,
    },
  }
  await kind.apply(raw, context, run)
  return changes
}

/** Returns a cluster that has what changes create. */
export function liveCluster(context: string, changes: readonly Change[]): LiveCluster {
  const objects = changes.flatMap(objectOf)
  const records = objects.filter(isRecord)
  return {context, records, istiods: [], cluster: clusterWith(context, objects)}
}

function objectOf(change: Change): KubernetesObject[] {
  if (change.action === 'apply') return [change.object]
  if (change.action === 'remove') return []
  const {apiVersion, kind, ...metadata} = change.target
  const values = (at: string) =>
    Object.fromEntries(
      change.edits.flatMap(edit => (edit.at === at && 'key' in edit ? [[edit.key, edit.value ?? '']] : [])),
    )
  return [
    {
      apiVersion,
      kind,
      metadata: {...metadata, labels: values('label'), annotations: values('annotation')},
      data: values('data'),
    },
  ]
}

/** A cluster that only answers reads. */
export function clusterWith(context: string, objects: readonly KubernetesObject[]): Cluster {
  const cluster: Pick<Cluster, 'context' | 'get' | 'list'> = {
    context,
    get: async ref => objects.find(object => refKey(refOf(object)) === refKey(ref)),
    list: async ({kind}) => objects.filter(object => object.kind === kind),
  }
  return cluster as Cluster
}

/** Returns what `mesh export` writes for clusters that have what some input creates, and the canonical form of the input. */
export async function roundTrip(name: string, raw: Record<string, Raw>) {
  const kind = await meshKinds[name]!()
  const changes = await changesOf(kind, raw)
  const clusters = [...changes].map(([context, own]) => liveCluster(context, own))
  const written = (await kind.exported(clusters)).map(one => fileDocument(name, kind.fields, one))
  const context = 'contexts' in kind.fields ? {} : {context: 'east'}
  const expected = fileDocument(name, kind.fields, {...context, raw})
  return {written, expected}
}

/** A record: the parent of an ApplySet. */
export function recordOf(name: string, data: Record<string, string>, namespace = 'istio-system'): KubernetesObject {
  const labels = {[idLabel]: applySetId({name, namespace})}
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace, labels}, data}
}
