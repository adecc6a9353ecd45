import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {webhooksOf} from '../../../istio/injection.ts'
import type {Tenant} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'

/** Whether a webhook configuration calls a tenant's istiod. */
export function isWebhookOf(configuration: KubernetesObject, tenant: Tenant): boolean {
  const {namespace, revision} = tenant
  const isOfRevision = configuration.metadata.labels?.[revisionLabel] === revision
  return webhooksOf(configuration).some(
    ({clientConfig}) =>
      clientConfig?.service?.namespace === namespace &&
      (clientConfig.service.name === istiodName(tenant) || isOfRevision),
  )
}
