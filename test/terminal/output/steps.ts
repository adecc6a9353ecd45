import type {Change, Edit} from '../../../src/engine/kubernetes/change.ts'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {type KubernetesObject, refOf} from '../../../src/engine/kubernetes/object.ts'
import type {Wave} from '../../../src/engine/kubernetes/waves.ts'
import type {ClusterPlan, Step} from '../../../src/engine/plan/plan.ts'

/** A plan of the cluster east. */
export function planOf(...steps: Step[]): ClusterPlan {
  return {cluster: 'east', steps}
}

/** The step that creates an object. */
export function creates(object: KubernetesObject, more: {wave?: Wave; pending?: string} = {}): Step {
  const {wave = 40, pending} = more
  const change: Change = {action: 'apply', cluster: 'east', wave, object, ...(pending === undefined ? {} : {pending})}
  return {change, ref: refOf(object), verdict: 'create', live: undefined, merged: object}
}

/** The step that changes an existing object. */
export function updates(live: KubernetesObject, merged: KubernetesObject, verdict: Step['verdict'] = 'update'): Step {
  return {...creates(merged), verdict, live, merged}
}

/** The step that removes an object. */
export function removes(live: KubernetesObject): Step {
  const change: Change = {action: 'remove', cluster: 'east', wave: 40, target: refOf(live)}
  return {change, ref: refOf(live), verdict: 'remove', live, merged: undefined}
}

/** The step that edits an existing object. */
export function editing(edit: Pick<Edit, 'target' | 'edits' | 'create'>): Step {
  const change: Edit = {action: 'edit', cluster: 'east', wave: 10, ...edit}
  return {change, ref: targetOf(change), verdict: 'create', live: undefined, merged: undefined}
}

/** A ConfigMap. */
export function configMap(name: string, data: Record<string, string>, metadata: object = {}): KubernetesObject {
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace: 'istio-system', ...metadata}, data}
}

/** A Secret. `data` is not encoded yet. */
export function secret(name: string, data: Record<string, string>, metadata: object = {}): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return {...configMap(name, Object.fromEntries(encoded), metadata), kind: 'Secret', type: 'Opaque'}
}
