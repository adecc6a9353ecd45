import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change} from '../../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {resourceLabels} from '../../../istio/revision.ts'
import {gatewayNameOf} from './spec-host.ts'

/** PEM texts for the Secret of a host. */
export interface TlsMaterial {
  certificate: string
  key: string
  /** CA certificates that sign client certificates. */
  ca: string | undefined
}

/** Input of `buildIngressTls`. */
export interface IngressTlsHost {
  /** Name of the cluster in output. */
  cluster: string
  host: string
  /** Namespace of the gateway's pods. */
  namespace: string
  /** Namespace of istiod, which contains the record of the host. */
  systemNamespace: string
  /** Data of the record: the stored settings. */
  record: Record<string, string>
  /** Labels that select the gateway's pods. */
  selector: Record<string, string>
  /** The control plane of the gateway, whose revision is resolved. A tenant reads only resources with the label of its revision. */
  controlPlane: {isTenant: boolean; revision: string | undefined}
  /** An existing Secret, or the content of a new one. */
  secret: {name: string} | TlsMaterial
  mutual: boolean
  redirect: boolean
}

/** What identifies a host at a gateway and its record. */
export interface IngressTlsId {
  host: string
  /** Namespace of the gateway. */
  namespace: string
  systemNamespace: string
}

/**
 * The ApplySet of one host that gateways in a namespace serve: its Gateway and its Secret.
 *
 * Threat: administrators of the gateway's namespace can write every ConfigMap there, so the record is in the system namespace.
 */
export function ingressTlsApplySet({host, namespace, systemNamespace}: IngressTlsId): ApplySet {
  return {
    name: `kubectl-mesh-ingress-tls-${namespace}.${gatewayNameOf(host)}`,
    namespace: systemNamespace,
    kinds: [
      {apiVersion: 'v1', kind: 'Secret'},
      {apiVersion: 'networking.istio.io/v1', kind: 'Gateway'},
    ],
    // Version 0.1.0 had one set for all hosts of a namespace.
    former: {name: 'kubectl-mesh-ingress-tls', namespace},
  }
}

/** Name of the Secret that is created for a host. */
export function tlsSecretName(host: string): string {
  return `${gatewayNameOf(host)}-tls`
}

/**
 * Builds the Istio Gateway of one host, and its Secret unless one exists. Each host has a separate Gateway: istiod merges
 * them by SNI, and no Gateway has to be edited when another host is added or removed.
 */
export function buildIngressTls(tls: IngressTlsHost): Change[] {
  const {cluster, host, namespace, secret} = tls
  const apply = (wave: Apply['wave'], object: KubernetesObject): Apply => ({action: 'apply', cluster, wave, object})
  return [
    applySetParent(ingressTlsApplySet(tls), cluster, {cluster, namespace, host, ...tls.record}),
    ...('name' in secret ? [] : [apply(waves.gateways, tlsSecret(host, namespace, secret))]),
    apply(waves.exposure, gatewayOf(tls)),
  ]
}

/** A Secret of type `kubernetes.io/tls`, with the additional key `ca.crt` for MUTUAL. */
function tlsSecret(host: string, namespace: string, {certificate, key, ca}: TlsMaterial): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {name: tlsSecretName(host), namespace, labels: {...managedByLabels}},
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': base64(certificate),
      'tls.key': base64(key),
      ...(ca === undefined ? {} : {'ca.crt': base64(ca)}),
    },
  }
}

function gatewayOf({
  host,
  namespace,
  selector,
  controlPlane,
  secret,
  mutual,
  redirect,
}: IngressTlsHost): KubernetesObject {
  const credentialName = 'name' in secret ? secret.name : tlsSecretName(host)
  const https = {
    hosts: [host],
    port: {name: 'https', number: 443, protocol: 'HTTPS'},
    tls: {credentialName, mode: mutual ? 'MUTUAL' : 'SIMPLE'},
  }
  const http = {hosts: [host], port: {name: 'http', number: 80, protocol: 'HTTP'}, tls: {httpsRedirect: true}}
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: gatewayNameOf(host), namespace, labels: resourceLabels(controlPlane)},
    spec: {selector: {...selector}, servers: redirect ? [https, http] : [https]},
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
