import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {loadYaml} from '../../text/yaml.ts'

/** What a tool rendered. */
export interface RenderedControlPlane {
  objects: KubernetesObject[]
  /**
   * CustomResourceDefinitions, which all control planes of a cluster share. They are most of the text, and mostly there
   * already: each is read when it is asked for.
   */
  definitions: Definition[]
}

/** A CustomResourceDefinition that was rendered. */
export interface Definition {
  name: string
  /** `1.31.0`, of the label `app.kubernetes.io/version`; undefined when it has none. */
  version: string | undefined
  read: () => KubernetesObject
}

/**
 * Splits the YAML that `istioctl manifest generate` or `helm template` printed into objects; what is empty is left out.
 * Throws js-yaml's `YAMLException` on what is no YAML, and `Error` on a document that is no object.
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
    throw new Error(`what was rendered holds no Kubernetes object: ${document.trim().slice(0, 80)}`)
  return object as KubernetesObject
}
