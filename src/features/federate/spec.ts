import type {Problem} from '../../errors.ts'
import {exposedHost, withoutNamespace} from '../../istio/exposed-hosts.ts'
import {gatewayField, gatewayProblems} from '../../mesh/gateways/spec.ts'
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
import {shellWord} from '../../text/shell-word.ts'
import {dataPlaneFields, dataPlaneProblems} from './ambient/spec.ts'
import {dnsRisk, exposureRisk, gatewayRisk, lifetimeRisk, modeRisk, serviceTypeRisk} from './settings/spec-risks.ts'
import {controlPlaneFields, validateControlPlane} from './spec-control-plane.ts'

/** For fields that have no effect in gateways mode: all traffic uses gateways, and no cluster gets a credential. */
const notInGatewaysMode = {onlyWith: {mode: ['multi-primary', 'primary-remote']}}

/** For fields that describe one run, or the place of the record. */
const notStored = {perRun: true} as const

/** All fields of `mesh federate`. Values that are not set are taken from the clusters. */
export const federationFields = {
  contexts: {...commonFields.contexts, ...notStored},
  mode: {
    ...choiceField({
      flag: 'mode',
      about:
        'multi-primary: every control plane reads all clusters; primary-remote: one control plane serves all clusters; gateways: clusters share only the services that you export (mesh service export), as NAME.NAMESPACE.global',
      options: ['multi-primary', 'primary-remote', 'gateways'],
      fallback: 'multi-primary',
    }),
    risk: modeRisk,
  },
  ...primaryRemoteFields,
  ...dataPlaneFields,
  clusterName: commonFields.clusterName,
  network: mapField({
    flag: 'network',
    about: 'network of a cluster; default: its current network, else its cluster name',
    valueName: 'CTX=NET',
    check: labelValue,
  }),
  singleNetwork: switchField({
    flag: 'single-network',
    about:
      "pods reach pod IPs of the other clusters directly: create no network labels, and no gateways except a primary's for its istiod",
    ...notInGatewaysMode,
  }),
  meshId: textField({
    flag: 'mesh-id',
    about: 'mesh ID of all control planes',
    valueName: 'ID',
    check: labelValue,
    fallbackText: 'that of the existing control planes',
  }),
  trustDomain: textField({
    flag: 'trust-domain',
    about: 'trust domain of all control planes',
    valueName: 'DOMAIN',
    check: dnsName,
    fallbackText: 'that of the existing control planes',
  }),
  clusterDomain: commonFields.clusterDomain,
  systemNamespace: {...commonFields.systemNamespace, ...notStored},
  revision: {...commonFields.revision, ...notStored},
  caDir: textField({
    flag: 'ca-dir',
    ...notStored,
    about: 'folder of `mesh ca`; missing intermediate CAs are issued there',
    valueName: 'DIR',
  }),
  createCa: switchField({
    flag: 'create-ca',
    ...notStored,
    about: 'create a root CA in the folder of --ca-dir if the folder does not exist or is empty',
  }),
  server: mapField({
    flag: 'server',
    about: 'API server URL of a cluster for the other clusters; default: the URL in the kubeconfig',
    ...notInGatewaysMode,
    valueName: 'CTX=URL',
    check: apiServerUrl,
  }),
  expose: {
    ...listField({
      flag: 'expose',
      about:
        'Services that the other clusters may reach: NAMESPACE/*, NAMESPACE/SERVICE, or a host (NAME, *.SUFFIX); default: all Services',
      excludes: ['singleNetwork'],
      valueName: 'HOST',
      check: gatewayHost,
    }),
    risk: exposureRisk,
  },
  gatewayServiceType: {
    ...choiceField({
      flag: 'gateway-service-type',
      about: 'type of the Service of the east-west gateway',
      options: ['LoadBalancer', 'NodePort', 'ClusterIP'],
      fallback: 'LoadBalancer',
    }),
    risk: serviceTypeRisk,
  },
  gateway: {...gatewayField, risk: gatewayRisk},
  credentialDuration: {
    ...convertedField<number | undefined>({
      flag: 'credential-duration',
      about: 'lifetime of tokens, at least 10m; run the command again to renew them',
      ...notInGatewaysMode,
      valueName: 'DURATION',
      // Limits of a TokenRequest: 10 minutes and 2^32 seconds (Kubernetes, pkg/apis/authentication/validation, 1.36).
      convert: parseDurationField({atLeast: '10m', atMost: '1193046h'}),
      fallback: undefined,
      fallbackText: 'tokens that do not expire, as in the documentation of Istio',
      format: goDuration,
    }),
    risk: lifetimeRisk,
  },
  credentials: choiceField({
    flag: 'credentials',
    about:
      'per-peer: a Secret and a token for each pair of clusters, which you can revoke separately; bundled: one Secret and one token per cluster, for large meshes',
    ...notInGatewaysMode,
    options: ['per-peer', 'bundled'],
    fallback: 'per-peer',
  }),
  dns: {
    ...choiceField({
      flag: 'dns',
      about:
        'DNS server for names under .global: istio (DNS proxy of the sidecars), coredns (adds a server block), kube-dns (forwards to --dns-forward), dnsmasq (adds one line per name), openshift (its DNS operator forwards to --dns-forward)',
      onlyWith: {mode: ['gateways']},
      options: ['istio', 'coredns', 'kube-dns', 'dnsmasq', 'openshift'],
      fallback: 'istio',
    }),
    risk: dnsRisk,
  },
  captureDns: switchField({
    flag: 'capture-dns',
    about: "enable Istio's DNS proxying in the mesh config; pods use it after their next restart",
    onlyWith: {mode: ['gateways'], dns: ['istio']},
  }),
  dnsForward: listField({
    flag: 'dns-forward',
    about: 'IP addresses of your DNS servers for names under .global',
    onlyWith: {mode: ['gateways'], dns: ['kube-dns', 'openshift']},
    valueName: 'IP,IP',
    check: ipAddress,
  }),
  replaceDns: {
    ...switchField({
      flag: 'replace-dns',
      about:
        'replace an existing server block of CoreDNS for the zone global, such as the stub of Istio 1.8; federate remove restores it',
      onlyWith: {mode: ['gateways'], dns: ['coredns']},
    }),
    ...notStored,
  },
  ...controlPlaneFields,
}

/** The Spec of a federation. `credentialDuration` is in milliseconds. */
export type Federation = SpecOf<typeof federationFields>

/** Cross-field validation. */
export function validateFederation(spec: Federation): Problem[] {
  return [...validateInput(spec), ...dnsProblems(spec), ...exposureProblems(spec)]
}

/** Cross-field validation of what stored settings cannot complete. */
export function validateInput(spec: Federation): Problem[] {
  return [
    ...contextProblems(spec),
    ...mapProblems(spec),
    ...networkProblems(spec),
    ...gatewayProblems(spec),
    ...dataPlaneProblems(spec),
    ...validatePrimaryRemote(spec),
    ...validateControlPlane(spec),
    ...(spec.createCa && spec.caDir === undefined ? [{message: '--create-ca requires --ca-dir'}] : []),
  ]
}

function contextProblems({contexts}: Federation): Problem[] {
  const duplicate = contexts.find((context, at) => contexts.indexOf(context) !== at)
  const problems = duplicate === undefined ? [] : [{message: `--contexts contains ${duplicate} twice`}]
  if (new Set(contexts).size >= 2) return problems
  const found = contexts.length === 0 ? 'none' : `one (${contexts[0]})`
  return [
    ...problems,
    {
      message: `federate needs at least two clusters, got ${found}`,
      hints: [`--contexts ${shellWord(`${contexts[0] ?? 'ONE'},OTHER`)}`],
    },
  ]
}

/** Keys of maps must be contexts of the run. */
function mapProblems({contexts, clusterName, network, server}: Federation): Problem[] {
  return Object.entries({clusterName, network, server}).flatMap(([name, map]) => {
    const {flag} = federationFields[name as 'clusterName' | 'network' | 'server']
    return Object.keys(map)
      .filter(context => !contexts.includes(context))
      .map(context => ({
        message: `--${flag} ${context}=${map[context]}: ${context} is not among --contexts ${contexts.join(',')}`,
      }))
  })
}

function networkProblems({singleNetwork, network}: Federation): Problem[] {
  if (!singleNetwork || new Set(Object.values(network)).size < 2) return []
  return [{message: '--single-network conflicts with several networks in --network', hints: ['omit one of them']}]
}

/** A Gateway that routes by SNI cannot select Services by their namespace: see `exposedHost`. */
function exposureProblems(spec: Federation): Problem[] {
  return spec.expose
    .filter(entry => exposedHost(entry, spec) === undefined)
    .map(entry => ({
      message: `--expose ${entry}: istiod ignores the namespace of a host, so only hosts under NAMESPACE.svc.${spec.clusterDomain} can be limited to a namespace`,
      hints: [
        `--expose ${shellWord(`${entry.slice(0, entry.indexOf('/'))}/*`)} for the Services of the namespace`,
        `--expose ${shellWord(withoutNamespace(entry))} for the host in all namespaces`,
      ],
    }))
}

function dnsProblems({mode, dns, dnsForward}: Federation): Problem[] {
  const forwards = dns === 'kube-dns' || dns === 'openshift'
  if (mode !== 'gateways' || !forwards || dnsForward.length > 0) return []
  return [
    {
      message: `--dns ${dns} requires --dns-forward: ${dns} can only forward, and Istio has no DNS server for .global`,
      hints: ['set --dns-forward to the IP address of your DNS server for these names, or omit --dns'],
    },
  ]
}
