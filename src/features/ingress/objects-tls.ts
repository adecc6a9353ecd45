import {type ApplySet, applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {nameOfHost} from './spec-texts.ts'

/** What the builder of a host's TLS has to know. */
export interface IngressTlsHost {
  /** Name of the cluster, as it is printed. */
  cluster: string
  host: string
  /** The gateway's pods: their namespace, and the labels by which the Gateway finds them. */
  namespace: string
  selector: Record<string, string>
  revision: string | undefined
  /** A Secret of others, or what is to be in ours (PEM). */
  secret: {name: string} | {certificate: string; key: string; ca: string | undefined}
  mutual: boolean
  redirect: boolean
}

/** The ApplySet of the hosts of a namespace's gateways. */
export function ingressTlsApplySet(namespace: string): ApplySet {
  return {
    name: 'kubectl-mesh-ingress-tls',
    namespace,
    kinds: [
      {apiVersion: 'v1', kind: 'Secret'},
      {apiVersion: 'networking.istio.io/v1', kind: 'Gateway'},
    ],
  }
}

/** Name of the Secret that is made for a host. */
export function tlsSecretName(host: string): string {
  return `${nameOfHost(host)}-tls`
}

/**
 * Secret and Istio Gateway of one host. A Gateway of its own for each host: several merge in istiod by SNI, and none has
 * to be edited when another goes. Keys of the Secret as kubernetes.io/tls has them, with `ca.crt` for MUTUAL.
 */
export function buildIngressTls(tls: IngressTlsHost): Change[] {
  const {cluster, host, namespace, secret} = tls
  const made: Apply[] =
    'name' in secret
      ? []
      : [
          {
            action: 'apply',
            cluster,
            wave: waves.gateways,
            object: {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: {name: tlsSecretName(host), namespace, labels: {...managedByLabels}},
              type: 'kubernetes.io/tls',
              data: {
                'tls.crt': base64(secret.certificate),
                'tls.key': base64(secret.key),
                ...(secret.ca === undefined ? {} : {'ca.crt': base64(secret.ca)}),
              },
            },
          },
        ]
  const credentialName = 'name' in secret ? secret.name : tlsSecretName(host)
  const gateway: Apply = {
    action: 'apply',
    cluster,
    wave: waves.exposure,
    object: {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: {
        name: nameOfHost(host),
        namespace,
        labels: {...managedByLabels, ...revisionLabels(tls.revision)},
      },
      spec: {
        selector: {...tls.selector},
        servers: [
          {
            hosts: [host],
            port: {name: 'https', number: 443, protocol: 'HTTPS'},
            tls: {credentialName, mode: tls.mutual ? 'MUTUAL' : 'SIMPLE'},
          },
          ...(tls.redirect
            ? [{hosts: [host], port: {name: 'http', number: 80, protocol: 'HTTP'}, tls: {httpsRedirect: true}}]
            : []),
        ],
      },
    },
  }
  return [applySetParent(ingressTlsApplySet(namespace), cluster, {cluster}), ...made, gateway]
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
