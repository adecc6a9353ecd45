import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {injectorsFor, webhooksOf} from '../../../istio/injection.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {isOfTenantAdd, namespacesOf, type Tenant} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'
import type {TenantSubject} from './subject.ts'

/** Checks of a tenant's webhooks. */
export const webhookChecks: readonly Check<TenantSubject>[] = [
  {
    id: 'webhooks',
    about: 'its webhooks exist and call its istiod',
    run: ({tenant, facts}) =>
      tenant.installed
        ? [
            ...findingsOfKind('MutatingWebhookConfiguration', facts.injectors, tenant),
            ...findingsOfKind('ValidatingWebhookConfiguration', facts.validators, tenant),
          ]
        : [],
  },
  {
    id: 'one-injector',
    about: 'each of its namespaces has only one injector',
    run: ({tenant, facts}) =>
      namespacesOf(tenant, facts).flatMap(namespace => {
        const injectors = injectorsFor(namespace, facts.injectors)
        if (injectors.length <= 1) return []
        return [
          {
            message: `${injectors.join(' and ')} would both inject pods in namespace ${namespace.metadata.name}`,
            hints: ['kubectl get mutatingwebhookconfiguration --show-labels'],
          },
        ]
      }),
  },
]

function findingsOfKind(kind: string, configurations: readonly KubernetesObject[], tenant: Tenant): Finding[] {
  const own = configurations.filter(configuration => isOfRevision(configuration, tenant.revision))
  if (own.length === 0)
    return [
      {
        message: `there is no ${kind} of revision ${tenant.revision}`,
        hints: repairHints(tenant),
      },
    ]
  return own.flatMap(configuration => configurationFindings(kind, configuration, tenant))
}

function repairHints(tenant: Tenant): string[] {
  return [
    isOfTenantAdd(tenant)
      ? `kubectl mesh tenant add ${shellWord(tenant.name)}`
      : 'run the tool that installed this control plane again',
  ]
}

/** Webhooks of tags and of the cluster's default are not part of one control plane. */
function isOfRevision({metadata: {name, labels}}: KubernetesObject, revision: string): boolean {
  return (
    labels?.[revisionLabel] === revision && labels['istio.io/tag'] === undefined && name !== 'istiod-default-validator'
  )
}

function configurationFindings(kind: string, configuration: KubernetesObject, tenant: Tenant): Finding[] {
  const {name} = configuration.metadata
  const {namespace, revision, ready} = tenant
  const istiod = istiodName(tenant)
  const clients = webhooksOf(configuration).flatMap(({clientConfig}) => (clientConfig?.service ? [clientConfig] : []))
  const wrong = clients.find(({service}) => service!.name !== istiod || service!.namespace !== namespace)?.service
  if (wrong)
    return [
      {
        message: `${kind} ${name} of revision ${revision} calls ${wrong.name} in namespace ${wrong.namespace}; expected ${istiod} in namespace ${namespace}`,
        hints: repairHints(tenant),
      },
    ]
  if (ready === 0 || clients.every(({caBundle}) => caBundle)) return []
  return [
    {
      message: `${kind} ${name} has no caBundle; istiod has not set it`,
      hints: [`kubectl -n ${namespace} logs deploy/${istiod}`],
    },
  ]
}
