import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {loadYaml} from '../../text/yaml.ts'

/** A rendered control plane. */
export interface RenderedControlPlane {
  objects: KubernetesObject[]
  /**
   * CustomResourceDefinitions, which all control planes of a cluster share. They are most of the text and usually already
   * installed, so each is parsed only when it is needed.
   */
  definitions: Definition[]
}

/** A rendered CustomResourceDefinition. */
export interface Definition {
  name: string
  /** Label `app.kubernetes.io/version` (`1.31.0`), or undefined without it. */
  version: string | undefined
  read: () => KubernetesObject
}

/**
 * Splits the output of `istioctl manifest generate` or `helm template` into objects. Empty documents are skipped.
 *
 * @throws `YAMLException` (js-yaml) for invalid YAML, and `Error` for a document that is not a Kubernetes object
 */
export function readManifest(text: string): RenderedControlPlane {
  const rendered: RenderedControlPlane = {objects: [], definitions: []}
  for (const document of text.split(/^---(?:[ \t].*)?$/m)) {
    if (!/^[^#\s]/m.test(document)) continue
    const read = () => objectOf(document)
    const name = /^kind: CustomResourceDefinition$/m.test(document) && /^ {2}name: "?([\w.-]+)"?$/m.exec(document)?.[1]
    if (name) {
      const version = /^ {4}app\.kubernetes\.io\/version: "?([\w.-]+)"?$/m.exec(document)?.[1]
      rendered.definitions.push({name, version, read})
    } else {
      rendered.objects.push(read())
    }
  }
  return rendered
}

function objectOf(document: string): KubernetesObject {
  const object = loadYaml(document) as Partial<KubernetesObject> | undefined
  if (typeof object?.apiVersion !== 'string' || typeof object.kind !== 'string' || !object.metadata?.name)
    throw new Error(
      `rendered document is not a Kubernetes object (apiVersion, kind and metadata.name are required): ${document.trim().slice(0, 80)}`,
    )
  return object as KubernetesObject
}
