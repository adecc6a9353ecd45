import type {Problem} from '../../errors.ts'
import {primaryRemoteFields, validatePrimaryRemote} from '../../mesh/spec-primary-remote.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {
  choiceField,
  convertedField,
  listField,
  mapField,
  type SpecOf,
  switchField,
  textField,
} from '../../spec/field.ts'
import {apiServerUrl, dnsName, gatewayHost, ipAddress, labelValue} from '../../spec/texts.ts'
import {controlPlaneFields, controlPlaneProblems} from './spec-control-plane.ts'

/** All that `mesh federate` can be told. Fields that are undefined or lack a cluster are found in the clusters. */
export const federationFields = {
  contexts: commonFields.contexts,
  mode: choiceField({
    flag: 'mode',
    about:
      'multi-primary: each control plane reads the other clusters; primary-remote: one control plane serves all; gateways: none reads another cluster, services are exported one by one (mesh service export) and called NAME.NAMESPACE.global',
    options: ['multi-primary', 'primary-remote', 'gateways'],
    fallback: 'multi-primary',
  }),
  ...primaryRemoteFields,
  clusterName: commonFields.clusterName,
  network: mapField({
    flag: 'network',
    about: "a cluster's network; by default the one it has, else its cluster name",
    valueName: 'CTX=NET',
    check: labelValue,
  }),
  singleNetwork: switchField({
    flag: 'single-network',
    about:
      "pods reach pod IPs of the other clusters: no network labels are made, and no gateways but a primary's to its istiod",
  }),
  meshId: textField({
    flag: 'mesh-id',
    about: 'mesh ID that every control plane must have',
    valueName: 'ID',
    check: labelValue,
    fallbackText: 'what the control planes have',
  }),
  trustDomain: textField({
    flag: 'trust-domain',
    about: 'trust domain that every control plane must have',
    valueName: 'DOMAIN',
    check: dnsName,
    fallbackText: 'what the control planes have',
  }),
  clusterDomain: commonFields.clusterDomain,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
  caDir: textField({
    flag: 'ca-dir',
    about: 'folder of `mesh ca`; an intermediate that is missing there is issued',
    valueName: 'DIR',
  }),
  server: mapField({
    flag: 'server',
    about: "API server address that the other clusters use for a cluster; by default the kubeconfig's",
    valueName: 'CTX=URL',
    check: apiServerUrl,
  }),
  expose: listField({
    flag: 'expose',
    about: 'hosts that the other clusters may reach: NAME, *.SUFFIX or NAMESPACE/HOST',
    valueName: 'HOST',
    check: gatewayHost,
  }),
  gatewayServiceType: choiceField({
    flag: 'gateway-service-type',
    about: "type of the east-west gateway's Service",
    options: ['LoadBalancer', 'NodePort', 'ClusterIP'],
    fallback: 'LoadBalancer',
  }),
  credentialDuration: convertedField<number | undefined>({
    flag: 'credential-duration',
    about: 'use tokens that end after this time (10m or more) and are renewed by running again',
    valueName: 'DURATION',
    // what a TokenRequest may ask for: 10 minutes to 2^32 seconds (Kubernetes, pkg/apis/authentication/validation)
    convert: parseDurationField({atLeast: '10m', atMost: '1193046h'}),
    fallback: undefined,
    fallbackText: 'tokens without an end, as Istio documents them',
    format: goDuration,
  }),
  credentials: choiceField({
    flag: 'credentials',
    about:
      'per-peer: a Secret and a token for each peer, revoked one by one; bundled: one Secret and token, for large fleets',
    options: ['per-peer', 'bundled'],
    fallback: 'per-peer',
  }),
  dns: choiceField({
    flag: 'dns',
    about:
      "with --mode gateways, who answers for names under .global: istio is the sidecars' own DNS proxy; coredns gets a server block; kube-dns forwards to --dns-forward; dnsmasq gets a line a name",
    options: ['istio', 'coredns', 'kube-dns', 'dnsmasq'],
    fallback: 'istio',
  }),
  captureDns: switchField({
    flag: 'capture-dns',
    about: "with --dns istio, turn on Istio's DNS proxying in the mesh config (pods take it on when they start next)",
  }),
  dnsForward: listField({
    flag: 'dns-forward',
    about: 'with --dns kube-dns, DNS servers of yours that answer for .global',
    valueName: 'IP,IP',
    check: ipAddress,
  }),
  ...controlPlaneFields,
}

/** The Spec of a federation. `credentialDuration` is in milliseconds. */
export type Federation = SpecOf<typeof federationFields>

/** What one field alone can't tell. */
export function federationProblems(spec: Federation): Problem[] {
  const problems: Problem[] = []
  const {contexts} = spec
  const twice = contexts.filter((context, at) => contexts.indexOf(context) !== at)
  if (twice.length > 0) problems.push({message: `--contexts names ${twice[0]} twice`})
  if (new Set(contexts).size < 2) {
    const got = contexts.length === 0 ? 'none' : `one (${contexts[0]})`
    problems.push({
      message: `federate needs at least two clusters, got ${got}`,
      hints: [`--contexts ${contexts[0] ?? 'ONE'},OTHER`],
    })
  }
  for (const field of [federationFields.clusterName, federationFields.network, federationFields.server]) {
    const map = {'cluster-name': spec.clusterName, network: spec.network, server: spec.server}[field.flag] ?? {}
    for (const context of Object.keys(map))
      if (!contexts.includes(context))
        problems.push({
          message: `--${field.flag} ${context}=${map[context]}: ${context} is not among --contexts ${contexts.join(',')}`,
        })
  }
  if (spec.singleNetwork && spec.expose.length > 0)
    problems.push({
      message: '--expose needs gateways, and --single-network makes none',
      hints: ['leave one of the two out'],
    })
  if (spec.singleNetwork && new Set(Object.values(spec.network)).size > 1)
    problems.push({message: '--single-network, but --network names several', hints: ['leave one of the two out']})
  return [...problems, ...modeProblems(spec), ...validatePrimaryRemote(spec), ...controlPlaneProblems(spec)]
}

/** What does not go with the mode. */
function modeProblems(spec: Federation): Problem[] {
  const {mode, dns} = spec
  if (mode !== 'gateways') {
    const said = [
      dns !== 'istio' && '--dns',
      spec.captureDns && '--capture-dns',
      spec.dnsForward.length > 0 && '--dns-forward',
    ]
    return said
      .filter(flag => flag !== false)
      .map(flag => ({message: `${flag} is for --mode gateways`, hints: ['add --mode gateways, or leave it out']}))
  }
  const problems: Problem[] = []
  const needless = [
    spec.singleNetwork && '--single-network',
    Object.keys(spec.server).length > 0 && '--server',
    spec.credentialDuration !== undefined && '--credential-duration',
    spec.credentials !== 'per-peer' && '--credentials',
  ]
  for (const flag of needless)
    if (flag !== false)
      problems.push({
        message: `${flag} does not go with --mode gateways: all goes through gateways, and no cluster gets a credential`,
        hints: ['leave it out, or use --mode multi-primary'],
      })
  if (dns === 'kube-dns' && spec.dnsForward.length === 0)
    problems.push({
      message:
        '--dns kube-dns can only forward, and nothing that Istio brings today answers for .global: --dns-forward is missing',
      hints: ['--dns-forward IP of a DNS server of yours that knows these names, or leave --dns out'],
    })
  if (dns !== 'kube-dns' && spec.dnsForward.length > 0)
    problems.push({message: '--dns-forward is for --dns kube-dns', hints: ['leave it out']})
  if (dns !== 'istio' && spec.captureDns)
    problems.push({message: '--capture-dns is for --dns istio', hints: ['leave one of the two out']})
  return problems
}
