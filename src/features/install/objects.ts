import {type ValuesFile, valuesData} from '../../control-plane/values.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {RenderedControlPlane} from '../../istio/render/manifest.ts'
import {buildControlPlane} from '../../mesh/control-plane/objects.ts'
import {installData} from '../../mesh/control-plane/stored.ts'
import {settingsData} from '../../spec/settings.ts'
import {type Install, installFields} from './spec.ts'

/**
 * Returns the changes of an installation: the system namespace, the record, the definitions, then the control plane.
 *
 * @param cluster name of the cluster in output
 * @param values the contents of `--values`
 * @param definitions CustomResourceDefinitions to create or upgrade
 */
export function buildInstall(
  cluster: string,
  spec: Install,
  values: readonly ValuesFile[],
  {objects}: Pick<RenderedControlPlane, 'objects'>,
  definitions: readonly KubernetesObject[],
): Change[] {
  const {systemNamespace, revision, via} = spec
  const data = installData({...settingsData(installFields, spec), ...valuesData(values)})
  return [
    {
      action: 'edit',
      cluster,
      wave: waves.namespaces,
      target: {apiVersion: 'v1', kind: 'Namespace', name: systemNamespace},
      edits: [],
      create: true,
    },
    ...buildControlPlane(
      {cluster, systemNamespace, revision, via, data},
      objects.filter(object => object.kind !== 'Namespace').map(object => ({object})),
      definitions,
    ),
  ]
}
