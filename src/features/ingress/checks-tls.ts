import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {lookAtServer} from '../../pki/server.ts'
import {plainHosts, selectsPod, serversOf} from './istio-gateway-servers.ts'
import {readTlsSecret} from './istio-tls-secret.ts'
import {ingressTlsApplySet} from './objects-tls.ts'
import {type GatewayWorkload, type IngressTlsFacts, portsOf} from './read-tls.ts'
import {nameOfHost} from './spec-texts.ts'
import type {IngressTls} from './spec-tls.ts'

/** What a host's TLS is checked with. */
export interface IngressTlsSubject {
  spec: IngressTls & {host: string}
  facts: IngressTlsFacts
  workload: GatewayWorkload
  /** Of `--secret`, as it is in the cluster. */
  secrets: ReadonlyMap<string, KubernetesObject>
  now: Date
  /** `--mutual` or `--no-mutual` was said. */
  saidMutual: boolean
}

type TlsCheck = Check<IngressTlsSubject>

/** IST0162: a server whose port the Service lacks gets no listener that anybody reaches. */
const portsThere: TlsCheck = {
  id: 'ports',
  about: "the gateway's Service has the ports",
  run: ({spec, facts, workload}) => {
    const ports = portsOf(workload, facts.services)
    if (ports === undefined)
      return [
        {
          message: `no Service selects the pods of ${workload.namespace}/${workload.name}: istiod does not know its ports`,
          hints: ['kubectl mesh ingress deploy makes a gateway with a Service'],
        },
      ]
    return [443, ...(spec.redirect ? [80] : [])]
      .filter(port => !ports.includes(port))
      .map(port => ({
        message: `the Service of ${workload.namespace}/${workload.name} has no port ${port} (IST0162)`,
        hints: [`it has ${[...new Set(ports)].join(', ')}`],
      }))
  },
}

/** IST0145: two Gateways with one host on one port; which of them wins is the older one. */
const hostFree: TlsCheck = {
  id: 'host',
  about: 'no other Gateway serves the host on the same port',
  run: ({spec, facts, workload}) => {
    const own = nameOfHost(spec.host)
    const others = facts.gateways.filter(
      gateway =>
        !(gateway.metadata.namespace === workload.namespace && gateway.metadata.name === own) &&
        selectsPod(gateway, workload.labels),
    )
    const wanted = [443, ...(spec.redirect ? [80] : [])]
    return others.flatMap((gateway): Finding[] => {
      const place = `Gateway ${gateway.metadata.namespace}/${gateway.metadata.name}`
      return serversOf(gateway).flatMap((server): Finding[] => {
        const {number = 0, protocol = ''} = server.port ?? {}
        if (!wanted.includes(number)) return []
        const protocols = number === 443 ? ['HTTPS', 'TLS'] : ['HTTP', 'HTTP2', 'GRPC']
        if (!protocols.includes(protocol.toUpperCase()))
          return [{message: `${place} has port ${number} with protocol ${protocol}: istiod takes only one of the two`}]
        if (!plainHosts(server).includes(spec.host)) return []
        return [
          {
            message: `${place} serves ${spec.host} on port ${number} already (IST0145)`,
            hints: [
              `change it there: kubectl -n ${gateway.metadata.namespace} edit gateways.networking.istio.io ${gateway.metadata.name}`,
            ],
          },
        ]
      })
    })
  },
}

/** A Gateway of the same name that is not ours, or is ours for another gateway. */
const nameFree: TlsCheck = {
  id: 'name',
  about: "the host's Gateway is ours",
  run: ({spec, facts, workload}) => {
    const live = facts.gateways.find(
      ({metadata}) => metadata.namespace === workload.namespace && metadata.name === nameOfHost(spec.host),
    )
    if (!live) return []
    const place = `Gateway ${workload.namespace}/${live.metadata.name}`
    if (live.metadata.labels?.[partOfLabel] !== applySetId(ingressTlsApplySet(workload.namespace)))
      return [{message: `${place} is there already, and others made it`}]
    if (selectsPod(live, workload.labels)) return []
    return [
      {
        message: `${place} serves ${spec.host} at another gateway`,
        hints: [`kubectl -n ${workload.namespace} delete gateways.networking.istio.io ${live.metadata.name}`],
      },
    ]
  },
}

/** A new certificate without a word about clients must not open the door to all of them. */
const clientsStillAsked: TlsCheck = {
  id: 'mutual',
  about: 'clients that had to show a certificate still have to',
  run: ({spec, facts, workload, saidMutual}) => {
    const live = facts.gateways.find(
      ({metadata}) => metadata.namespace === workload.namespace && metadata.name === nameOfHost(spec.host),
    )
    if (saidMutual || !live || !serversOf(live).some(({tls}) => tls?.mode === 'MUTUAL')) return []
    return [
      {
        message: `clients of ${spec.host} have to show a certificate now, and without --mutual nobody would have to`,
        hints: ['--mutual, with --ca FILE or --secret NAME', '--no-mutual lets all clients in'],
      },
    ]
  },
}

/** A Secret that is there already is looked at as files are. */
const secretFits: TlsCheck = {
  id: 'secret',
  about: "the Secret is in the gateway's namespace and fits the host (IST0161)",
  run: ({spec, workload, secrets, now}) => {
    if (spec.secret === undefined) return []
    const place = `Secret ${workload.namespace}/${spec.secret}`
    const secret = secrets.get(`${workload.namespace}/${spec.secret}`)
    if (!secret)
      return [
        {
          message: `${place} is not there, and a gateway reads Secrets of its own namespace only`,
          hints: ['or make it: --cert FILE --key FILE'],
        },
      ]
    return secretTroubles(place, secret, secrets.get(`${workload.namespace}/${spec.secret}-cacert`), {
      hosts: [spec.host],
      mutual: spec.mutual,
      now,
    })
  },
}

/** What is wrong with a Secret's content, for these hosts. */
export function secretTroubles(
  place: string,
  secret: KubernetesObject,
  cacert: KubernetesObject | undefined,
  {hosts, mutual, now}: {hosts: readonly string[]; mutual: boolean; now: Date},
): Finding[] {
  const read = readTlsSecret(secret, cacert)
  if (!read) return [{message: `${place} has neither tls.crt and tls.key nor cert and key`}]
  const named = ({key, bytes}: {key: string; bytes: Buffer}) => ({name: `${place}, ${key}`, bytes})
  const files = {cert: named(read.cert), key: named(read.key), ca: mutual && read.ca ? named(read.ca) : undefined}
  return [
    ...lookAtServer(files, hosts, now).problems,
    ...(mutual && !read.ca ? [{message: `${place} has no ca.crt, which MUTUAL needs`}] : []),
  ]
}

/** Looked at before a host gets its certificate. */
export const ingressTlsChecks: readonly TlsCheck[] = [portsThere, hostFree, nameFree, clientsStillAsked, secretFits]
