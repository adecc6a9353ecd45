import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {type GatewayServer, plainHosts, selectsPod, serversOf} from '../istio-gateway.ts'
import {secretFindings} from './checks-secret.ts'
import type {IngressTlsFacts} from './read.ts'
import type {IngressTls} from './spec.ts'
import {gatewayNameOf} from './spec-host.ts'
import {type GatewayWorkload, isReadAt, portsOf} from './workloads.ts'

/** Input of the checks that run before a host is served. */
export interface IngressTlsSubject {
  spec: IngressTls & {host: string}
  facts: IngressTlsFacts
  workload: GatewayWorkload
  /** The Secret of `--secret` and its `-cacert`, if they exist, by `NAMESPACE/NAME`. */
  secrets: ReadonlyMap<string, KubernetesObject>
  now: Date
  /** Whether `--mutual` or `--no-mutual` was set explicitly, in this run or an earlier one. */
  mutualIsSet: boolean
  /** Whether our record lists an object, or this run adds it: version 0.1.0 created it. */
  isOurs: (object: KubernetesObject) => boolean
}

type TlsCheck = Check<IngressTlsSubject>

/** Ports that the Gateway of the host uses. */
function portsUsed({redirect}: IngressTls): number[] {
  return redirect ? [443, 80] : [443]
}

/** The existing Gateway with the name that is used for the host. */
function existingGateway({spec, facts, workload}: IngressTlsSubject): KubernetesObject | undefined {
  const name = gatewayNameOf(spec.host)
  return facts.gateways.find(({metadata}) => metadata.namespace === workload.namespace && metadata.name === name)
}

/** istiod creates no reachable listener for a server whose port the Service lacks (IST0162). */
const portsExist: TlsCheck = {
  id: 'ports',
  about: 'the Service of the gateway has the ports of the host',
  run: ({spec, facts, workload}) => {
    const ports = portsOf(workload, facts.services)
    const gateway = `${workload.namespace}/${workload.name}`
    if (ports === undefined)
      return [
        {
          message: `no Service selects the pods of ${gateway}; without a Service, istiod cannot determine their ports`,
          hints: ['kubectl mesh ingress deploy creates a gateway with a Service'],
        },
      ]
    return portsUsed(spec)
      .filter(port => !ports.includes(port))
      .map(port => ({
        message: `the Service of ${gateway} has no port ${port} (IST0162)`,
        hints: [`its ports: ${[...new Set(ports)].join(', ')}`],
      }))
  },
}

/** If two Gateways have the same host on one port, istiod applies only the older one (IST0145). */
const hostFree: TlsCheck = {
  id: 'host',
  about: 'no other Gateway serves the host on the same port',
  run: subject => {
    const {spec, facts, workload} = subject
    const current = existingGateway(subject)
    return facts.gateways
      .filter(gateway => gateway !== current && selectsPod(gateway, workload.labels) && isReadAt(gateway, workload))
      .flatMap(gateway => serversOf(gateway).flatMap(server => serverConflicts(gateway, server, spec)))
  },
}

/** Protocols that can share a port with the host's servers. */
const protocolsOn: Readonly<Record<number, readonly string[]>> = {
  443: ['HTTPS', 'TLS'],
  80: ['HTTP', 'HTTP2', 'GRPC'],
}

function serverConflicts(
  {metadata}: KubernetesObject,
  server: GatewayServer,
  spec: IngressTlsSubject['spec'],
): Finding[] {
  const {number = 0, protocol = ''} = server.port ?? {}
  if (!portsUsed(spec).includes(number)) return []
  const place = `Gateway ${metadata.namespace}/${metadata.name}`
  if (!protocolsOn[number]!.includes(protocol.toUpperCase()))
    return [
      {message: `${place} uses port ${number} with protocol ${protocol}; istiod accepts one protocol for each port`},
    ]
  if (!plainHosts(server).includes(spec.host)) return []
  return [
    {
      message: `${place} already serves ${spec.host} on port ${number} (IST0145)`,
      hints: [`change it: kubectl -n ${metadata.namespace} edit gateways.networking.istio.io ${metadata.name}`],
    },
  ]
}

const gatewayOwned: TlsCheck = {
  id: 'name',
  about: "the host's Gateway is managed by kubectl-mesh and selects this gateway",
  run: subject => {
    const {spec, workload} = subject
    const live = existingGateway(subject)
    if (!live) return []
    const place = `Gateway ${workload.namespace}/${live.metadata.name}`
    if (!subject.isOurs(live)) return [{message: `${place} already exists and is not managed by kubectl-mesh`}]
    if (selectsPod(live, workload.labels)) return []
    return [
      {
        message: `${place} serves ${spec.host} at another gateway`,
        hints: [`kubectl -n ${workload.namespace} delete gateways.networking.istio.io ${live.metadata.name}`],
      },
    ]
  },
}

/** A renewal without `--mutual` must not silently accept clients without a certificate. */
const mutualKept: TlsCheck = {
  id: 'mutual',
  about: 'client certificates remain required, unless --no-mutual is set',
  run: subject => {
    const live = existingGateway(subject)
    if (subject.mutualIsSet || !live || !serversOf(live).some(({tls}) => tls?.mode === 'MUTUAL')) return []
    return [
      {
        message: `${subject.spec.host} requires client certificates; without --mutual it would no longer require them`,
        hints: ['to keep them: --mutual with --ca FILE or --secret NAME', 'to accept all clients: --no-mutual'],
      },
    ]
  },
}

const secretUsable: TlsCheck = {
  id: 'secret',
  about: 'the Secret is in the namespace of the gateway and fits the host (IST0161)',
  run: ({spec, workload, secrets, now}) => {
    if (spec.secret === undefined) return []
    const key = `${workload.namespace}/${spec.secret}`
    const secret = secrets.get(key)
    if (!secret)
      return [
        {
          message: `Secret ${key} does not exist; gateways read only Secrets in their namespace`,
          hints: ['to create one: --cert FILE --key FILE'],
        },
      ]
    const use = {hosts: [spec.host], mutual: spec.mutual, now}
    return secretFindings(`Secret ${key}`, secret, secrets.get(`${key}-cacert`), use)
  },
}

/** The checks that run before a host is served. */
export const ingressTlsChecks: readonly TlsCheck[] = [portsExist, hostFree, gatewayOwned, mutualKept, secretUsable]
