import type {Cluster} from '../engine/cluster/cluster.ts'
import {type MeshError, refusedError} from '../errors.ts'
import {bindsAccountIn, callsIstiodIn, defaultSystemNamespace, tenantProofRef} from '../istio/system-objects.ts'
import {contextFlags} from '../spec/context-ref.ts'
import {shellWord} from '../text/shell-word.ts'
import {readInjectors} from './revision.ts'

/** The label of Istio's bindings (manifests/charts, 1.24–1.31), and of the reader's that `mesh federate` creates. */
const bindingSelector = 'app in (istiod,istio-reader)'

/**
 * Returns whether a cluster-wide object shows that a namespace is the system namespace of a control plane: only administrators
 * of the cluster can write it. Whoever administers a namespace can create everything else in it: an istiod, and our records. The
 * default system namespace needs no proof.
 *
 * @throws ApiError, UnreachableError
 */
export async function isSystemNamespace(cluster: Cluster, namespace: string): Promise<boolean> {
  if (namespace === defaultSystemNamespace) return true
  const bindings = await cluster.list(
    {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding'},
    {labelSelector: bindingSelector},
  )
  if (bindings.some(binding => bindsAccountIn(binding, namespace))) return true
  if (await cluster.get(tenantProofRef(namespace))) return true
  return (await readInjectors(cluster)).some(injector => callsIstiodIn(injector, namespace))
}

/**
 * The refusal of a record in a namespace that no cluster-wide object shows to be a system namespace.
 *
 * @param record name of the ConfigMap
 * @param removes the command has `--trust-labels`
 */
export function unprovedRecord(
  {context}: Cluster,
  {namespace, name}: {namespace: string; name: string},
  removes: boolean,
): MeshError {
  return refusedError(
    `${context}: ConfigMap ${name} in namespace ${namespace} is not trusted: no cluster-wide object shows that this namespace is the system namespace of a control plane, so whoever administers it may have written the record`,
    'check --system-namespace; expected: a ClusterRoleBinding or webhook of an istiod in this namespace',
    ...(removes
      ? [
          `if its control plane was removed, review the record (kubectl ${contextFlags(context)} -n ${shellWord(namespace)} get configmap ${shellWord(name)} -o yaml), then add --trust-labels`,
        ]
      : []),
  )
}
