import {contextInfo} from '../engine/kubeconfig/kubeconfig.ts'
import type {ControlPlane} from '../istio/control-plane.ts'
import type {Schema} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'
import type {Access} from './run.ts'

/** Fills in the namespace of the context where the input has none, as kubectl does. */
export function withContextNamespace<S extends Schema & {namespace: unknown}>(
  raw: RawSpec<S>,
  context: string,
  access: Access,
): RawSpec<S> {
  if (raw.namespace !== undefined) return raw
  return {...raw, namespace: contextInfo(access.kubeconfig, context).namespace}
}

/** Name of the cluster in output and changes: its name in istiod, else the name of the context. */
export function nameOfCluster(controlPlane: ControlPlane | undefined, context: string): string {
  const found = controlPlane?.cluster
  return found === undefined || found === 'Kubernetes' ? context : found
}
