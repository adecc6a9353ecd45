import {contextInfo} from '../engine/kubeconfig/kubeconfig.ts'
import type {ControlPlane} from '../istio/control-plane.ts'
import type {Schema, SpecOf} from '../spec/field.ts'
import {flagsFor, type RawSpec, shellWord} from '../spec/read.ts'
import type {Access, Run} from './run.ts'

/** What was said, with the context's namespace where none was, as kubectl has it. */
export function withContextNamespace<S extends Schema & {namespace: unknown}>(
  raw: RawSpec<S>,
  context: string,
  access: Access,
): RawSpec<S> {
  if (raw.namespace !== undefined) return raw
  return {...raw, namespace: contextInfo(access.kubeconfig, context).namespace}
}

/** Name of the cluster, as it is printed and as changes carry it: istiod's, else the context's. */
export function nameOfCluster(plane: ControlPlane | undefined, context: string): string {
  const found = plane?.cluster
  return found === undefined || found === 'Kubernetes' ? context : found
}

/** The same command line without questions. */
export function commandLineOf<S extends Schema>(fields: S, spec: SpecOf<S>, run: Run): string {
  return [run.command, ...flagsFor(fields, spec).map(shellWord), '--yes'].join(' ')
}
