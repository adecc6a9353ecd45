import type {PlannedObject} from '../../../terminal/output/objects.ts'
import {engineNameOf, objectNameOf} from './objects-names.ts'
import type {RenderChoice} from './spec.ts'

/** Fields of webhook configurations that istiod writes (see `keptByControllers`). The manifests lack them. */
const webhookFields = ['.webhooks[]?.clientConfig.caBundle', '.webhooks[]?.failurePolicy']

/** The address of Argo CD's own cluster (Argo CD 3.5, "Declarative Setup"). */
const ownServer = 'https://kubernetes.default.svc'

/**
 * Returns the ApplicationSet with an Application for each cluster (argoproj.io/v1alpha1, Argo CD 3.5). It selects the clusters that
 * Argo CD knows by these names.
 *
 * It adds no finalizer, so that a cluster whose Secret disappears from Argo CD keeps its objects.
 *
 * @param clusters whose names are those of their folders
 * @param gitPath path of the rendered folder in the repository
 */
export function argocdObjects(clusters: readonly string[], gitPath: string, choice: RenderChoice): PlannedObject[] {
  const {engineCluster} = choice
  const name = engineNameOf(gitPath, undefined, 63)
  const remote = clusters.filter(name => name !== engineCluster)
  const own = clusters.filter(name => name === engineCluster)
  const spec = {
    generators: [
      ...(remote.length > 0
        ? [
            {
              clusters: {selector: {matchLabels: {'argocd.argoproj.io/secret-type': 'cluster'}}},
              // Filters the results of the generator ("Post Selector all generators").
              selector: {matchExpressions: [{key: 'name', operator: 'In', values: remote}]},
            },
          ]
        : []),
      ...own.map(cluster => ({
        list: {elements: [{name: cluster, nameNormalized: objectNameOf(cluster, 200), server: ownServer}]},
      })),
    ],
    goTemplate: true,
    goTemplateOptions: ['missingkey=error'],
    syncPolicy: {preserveResourcesOnDeletion: true},
    template: {
      metadata: {name: `${name}-{{.nameNormalized}}`},
      spec: {
        destination: {server: '{{.server}}'},
        ignoreDifferences: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map(kind => ({
          group: 'admissionregistration.k8s.io',
          kind,
          jqPathExpressions: webhookFields,
        })),
        project: 'default',
        source: {
          path: `${gitPath === '' ? '' : `${gitPath}/`}clusters/{{.name}}`,
          repoURL: choice.repoUrl,
          targetRevision: 'HEAD',
        },
        syncPolicy: {
          automated: {prune: true, selfHeal: true},
          syncOptions: ['ServerSideApply=true', 'RespectIgnoreDifferences=true', 'SkipDryRunOnMissingResource=true'],
        },
      },
    },
  }
  const metadata = {name, namespace: choice.engineNamespace}
  return [{wave: 0, object: {apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', metadata, spec}}]
}
