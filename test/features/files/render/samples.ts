import type {RenderedCluster} from '../../../../src/features/files/render/objects.ts'
import type {RenderChoice} from '../../../../src/features/files/render/spec.ts'
import {configMap} from '../../../terminal/output/steps.ts'

/** A choice of Flux. */
export function choiceOf(more: Partial<RenderChoice> = {}): RenderChoice {
  return {
    engine: 'flux',
    folder: 'fleet',
    engineCluster: undefined,
    engineNamespace: 'flux-system',
    gitRepository: 'flux-system',
    repoUrl: '',
    prune: false,
    gitPath: undefined,
    secrets: {mode: 'none'},
    ...more,
  }
}

/** A cluster with a shared Namespace, a CustomResourceDefinition and a whole object. */
export function renderedOf(cluster: string): RenderedCluster {
  const documents = ['Federation prod']
  const meta = (apiVersion: string, kind: string, name: string) => ({apiVersion, kind, metadata: {name}})
  return {
    cluster,
    objects: [
      {wave: 10, object: meta('v1', 'Namespace', 'istio-system'), isShared: true, documents},
      {
        wave: 30,
        object: meta('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gateways.networking.istio.io'),
        documents,
      },
      {wave: 40, object: configMap('gateway', {k: 'v'}, {annotations: {own: 'yes'}}), documents},
    ],
    leftOut: [],
  }
}

/** A token as Kubernetes issues it. */
export const token = `eyJhbGciOiJSUzI1NiJ9.eyJ${'e'.repeat(40)}.${'s'.repeat(40)}`
