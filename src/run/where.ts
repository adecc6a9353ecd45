import {contextInfo, hasContext} from '../engine/kubeconfig/kubeconfig.ts'
import type {ControlPlane} from '../istio/control-plane.ts'
import {clusterNameFrom} from '../spec/context-ref.ts'
import type {Schema} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'
import type {Access} from './run.ts'

/**
 * Returns the namespace of a context. A client dry run needs no kubeconfig: without the context, it is `default`, as in
 * kubectl.
 *
 * @param context '' for the current one
 */
export function namespaceOf(context: string, {kubeconfig, isOffline}: Access): string {
  return isOffline && !hasContext(kubeconfig, context) ? 'default' : contextInfo(kubeconfig, context).namespace
}

/**
 * Returns the name of the cluster in the output of a client dry run, which needs no kubeconfig: `cluster` without a context.
 *
 * @param context '' for the current one
 */
export function nameWithoutCluster(context: string, {kubeconfig}: Access): string {
  return clusterNameFrom(context || kubeconfig.currentContext) || 'cluster'
}

/** Fills in the namespace of the context where the input has none, as kubectl does. */
export function withContextNamespace<S extends Schema & {namespace: unknown}>(
  raw: RawSpec<S>,
  context: string,
  access: Access,
): RawSpec<S> {
  if (raw.namespace !== undefined) return raw
  return {...raw, namespace: namespaceOf(context, access)}
}

/** Name of the cluster in output and changes: its name in istiod, else the name in its context. */
export function nameOfCluster(controlPlane: ControlPlane | undefined, context: string): string {
  const found = controlPlane?.cluster
  return found === undefined || found === 'Kubernetes' ? clusterNameFrom(context) : found
}
