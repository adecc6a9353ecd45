import type {Check, Finding} from '../../findings/check.ts'
import {knownDefects} from '../../istio/defects.ts'
import {webhooksOf} from '../../istio/injection.ts'
import type {CheckFacts} from './facts.ts'

/** Versions of istiod with defects that stop traffic between clusters. */
const defects: Check<CheckFacts> = {
  id: 'version-defects',
  about: 'no istiod has a known defect that stops traffic between clusters',
  run: ({federation}) =>
    federation.members.flatMap(({cluster, controlPlane}) =>
      knownDefects(controlPlane?.version).map(
        ({about, issue, fixedIn}): Finding => ({
          level: 'warning',
          cluster,
          message: `Istio ${controlPlane!.version}: ${about} (istio#${issue})`,
          hints: [`upgrade Istio to ${fixedIn} or newer, and do not change remote Secrets before`],
        }),
      ),
    ),
}

/** Istio's webhooks call a Service. Without it, pods are not created, or are created without a sidecar. */
const webhookServices: Check<CheckFacts> = {
  id: 'webhook-service',
  about: "the Services of Istio's webhooks exist",
  run: ({webhooks}) =>
    webhooks.flatMap(({cluster, configurations, services}) =>
      configurations.flatMap(configuration => {
        const called = webhooksOf(configuration).flatMap(({clientConfig}) => clientConfig?.service ?? [])
        const missing = called.map(({namespace, name}) => `${namespace}/${name}`).filter(one => !services.has(one))
        return [...new Set(missing)].map(
          (service): Finding => ({
            cluster,
            message: `${configuration.kind} ${configuration.metadata.name} calls Service ${service}, which does not exist`,
            hints: [
              `if its control plane no longer exists: kubectl delete ${configuration.kind.toLowerCase()} ${configuration.metadata.name}`,
            ],
          }),
        )
      }),
    ),
}

/** The account that istiods of other clusters use. */
const readerRights: Check<CheckFacts> = {
  id: 'reader-rights',
  about: 'reader accounts have the permissions that istiods of other clusters need',
  run: ({federation}) =>
    federation.members.flatMap(({cluster, facts}): Finding[] =>
      facts?.reader.account && !facts.reader.allowed
        ? [
            {
              cluster,
              message:
                'the reader account lacks permissions, so that istiods of other clusters cannot watch this cluster',
              hints: ['run kubectl mesh federate for these clusters'],
            },
          ]
        : [],
    ),
}

/** The checks of versions. */
export const versionGroup: readonly Check<CheckFacts>[] = [defects]

/** The checks of webhooks and permissions. */
export const objectGroup: readonly Check<CheckFacts>[] = [webhookServices, readerRights]
