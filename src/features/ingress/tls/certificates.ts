import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {isReadBy} from '../../../istio/revision.ts'
import {plainHosts, selectsPod, serversOf} from '../istio-gateway.ts'
import type {GatewayWorkload} from './workloads.ts'

/** A certificate that a server of a Gateway refers to. */
export interface ServedCertificate {
  /** `NAMESPACE/NAME` of the Gateway, followed by `(Gateway API)` for a Gateway of that API. */
  gateway: string
  hosts: string[]
  port: number
  mode: string
  /** The Secret. Its namespace is undefined if the Gateway selects no pods. */
  secret: {namespace: string | undefined; name: string}
  /** The revision label of the Istio Gateway, and the revisions of gateway pods that do not read it. Undefined if there are none. */
  unread: {label: string; revisions: string[]} | undefined
}

/** TLS modes in which the gateway presents a certificate (istio.io/api networking/v1 Gateway, 1.31). */
const terminatingModes: readonly (string | undefined)[] = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL']

/** The certificates of an Istio Gateway, once for each namespace in which it selects a gateway. */
export function istioCertificates(
  gateway: KubernetesObject,
  workloads: readonly GatewayWorkload[],
): ServedCertificate[] {
  const selected = workloads.filter(({labels}) => selectsPod(gateway, labels))
  const namespaces = [...new Set(selected.map(({namespace}) => namespace))]
  const label = gateway.metadata.labels?.[revisionLabel]
  const unreadIn = (namespace: string | undefined) => {
    const running = selected.filter(workload => workload.namespace === namespace).flatMap(({revisions}) => revisions)
    const revisions = [...new Set(running.filter(revision => !isReadBy(gateway, revision)))].sort()
    return label === undefined || revisions.length === 0 ? undefined : {label, revisions}
  }
  return serversOf(gateway).flatMap(server => {
    const {port, tls} = server
    if (!terminatingModes.includes(tls?.mode)) return []
    const names = tls?.credentialNames ?? (tls?.credentialName ? [tls.credentialName] : [])
    return names.flatMap(name =>
      (namespaces.length > 0 ? namespaces : [undefined]).map(namespace => ({
        gateway: `${gateway.metadata.namespace}/${gateway.metadata.name}`,
        hosts: plainHosts(server),
        port: port?.number ?? 0,
        mode: tls?.mode ?? 'SIMPLE',
        secret: {namespace, name},
        unread: unreadIn(namespace),
      })),
    )
  })
}

/** A listener of a Gateway (gateway.networking.k8s.io/v1), reduced to the fields read here. */
interface Listener {
  hostname?: string
  port: number
  tls?: {mode?: string; certificateRefs?: {name: string; namespace?: string; kind?: string}[]}
}

/** The certificates of a Gateway of the Gateway API. */
export function gatewayApiCertificates({metadata, spec}: KubernetesObject): ServedCertificate[] {
  const {listeners = []} = (spec ?? {}) as {listeners?: Listener[]}
  return listeners.flatMap(({hostname, port, tls}) =>
    (tls?.certificateRefs ?? [])
      .filter(({kind}) => (kind ?? 'Secret') === 'Secret')
      .map(({name, namespace}) => ({
        gateway: `${metadata.namespace}/${metadata.name} (Gateway API)`,
        hosts: [hostname ?? '*'],
        port,
        mode: 'SIMPLE',
        secret: {namespace: namespace ?? metadata.namespace, name},
        unread: undefined,
      })),
  )
}
