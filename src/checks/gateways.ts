import {messageOf} from '../errors.ts'
import type {Joining} from '../facts/members.ts'
import {hasReload, putGlobalBlock} from '../istio/corefile.ts'
import {buildDnsStub, dnsPlace} from '../manifests/dns-stub.ts'
import {clusterInRecord, readGatewaysRecord} from '../manifests/federation-record.ts'
import {shellWord} from '../specs/read.ts'
import type {Check, Trouble} from './check.ts'
import type {FederationSubject} from './federation.ts'

/** Names under `.global` resolve by the sidecars' DNS proxy, which is off by default. */
const captured: Check<FederationSubject> = {
  id: 'dns-capture',
  about: 'sidecars answer for names under .global',
  run: ({all, spec}) => {
    if (spec.mode !== 'gateways' || spec.dns !== 'istio') return []
    return all.flatMap(({cluster, controlPlane}): Trouble[] => {
      if (!controlPlane) return []
      const troubles: Trouble[] = []
      if (!controlPlane.capturesDns && !spec.captureDns)
        troubles.push({
          level: 'warning',
          cluster,
          message: "its sidecars don't answer DNS queries: names under .global resolve in no pod there",
          hints: [
            "add --capture-dns: it turns Istio's DNS proxying on in the mesh config, and pods take it on when they start next",
            'or set meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE: "true" where you install Istio from',
          ],
        })
      if (!controlPlane.allocatesAddresses)
        troubles.push({
          level: 'warning',
          cluster,
          message: `its istiod ${controlPlane.version ?? ''} gives names under .global no addresses`,
          hints: [
            'before Istio 1.25: proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE: "true"; since then: PILOT_ENABLE_IP_AUTOALLOCATE',
          ],
        })
      return troubles
    })
  },
}

/** What can't be edited is told before anything is written. */
const editable: Check<FederationSubject> = {
  id: 'dns-config',
  about: "the cluster's DNS can be told of .global",
  run: ({all, spec}) => {
    const {dns} = spec
    if (spec.mode !== 'gateways' || dns === 'istio') return []
    const {ref, key} = dnsPlace(dns)
    return all.flatMap((joining): Trouble[] => {
      const {cluster, facts} = joining
      if (!facts) return []
      const text = (facts.dnsConfig?.data as Record<string, string> | undefined)?.[key]
      if (text === undefined && !(dns === 'kube-dns' && facts.dnsConfig))
        return [
          {
            cluster,
            message: `no ConfigMap ${ref.namespace}/${ref.name} with a ${key}: its DNS is none that is known here`,
            hints: [
              `kubectl --context ${shellWord(joining.context)} -n ${ref.namespace} get configmaps`,
              "leave --dns out: the sidecars' own DNS proxy needs nothing of it",
            ],
          },
        ]
      return [...refusalOf(joining, text ?? '', spec), ...(dns === 'coredns' ? reloadOf(joining, text ?? '') : [])]
    })
  },
}

function refusalOf({cluster, facts}: Joining, text: string, spec: FederationSubject['spec']): Trouble[] {
  const forwardBefore = readGatewaysRecord(facts?.record)?.dnsForward ?? []
  const {dns, dnsForward: forward} = spec
  if (dns === 'istio') return []
  const [edit] = buildDnsStub({cluster, dns, names: new Map(), forward, forwardBefore}).edits
  try {
    if (edit?.at === 'text') edit.edit(text)
    return []
  } catch (error) {
    return [{cluster, message: messageOf(error)}]
  }
}

function reloadOf({cluster, context}: Joining, text: string): Trouble[] {
  try {
    if (hasReload(text) || putGlobalBlock(text, new Map()) === text) return []
  } catch {
    // told by the check of the text itself
    return []
  }
  return [
    {
      level: 'warning',
      cluster,
      message: 'its CoreDNS has no plugin `reload`: it takes the change when it starts next',
      hints: [`kubectl --context ${shellWord(context)} -n kube-system rollout restart deployment coredns`],
    },
  ]
}

/** Services are exported under the cluster's name: under a second one they would be so twice. */
const renamed: Check<FederationSubject> = {
  id: 'exporter-name',
  about: 'a cluster is called as it was when it joined',
  run: ({all, spec}) =>
    all.flatMap(({cluster, context, facts}): Trouble[] => {
      const before = readGatewaysRecord(facts?.record) && clusterInRecord(facts?.record)
      return spec.mode !== 'gateways' || before === undefined || before === cluster
        ? []
        : [
            {
              cluster,
              message: `it joined as ${before}, and its services are known to others under that name`,
              hints: [
                `--cluster-name ${shellWord(`${context}=${before}`)}, or leave it out`,
                'or take it out first: kubectl mesh federate remove',
              ],
            },
          ]
    }),
}

/** In another mode nobody keeps up what services were exported. */
const importsLeft: Check<FederationSubject> = {
  id: 'imports-left',
  about: 'no service is imported that nobody keeps up',
  run: ({all, spec}) =>
    all.flatMap(({cluster, context, facts}): Trouble[] =>
      spec.mode === 'gateways' || !facts || facts.imports.length === 0
        ? []
        : [
            {
              level: 'warning',
              cluster,
              message: `what it imports under .global from gateways mode stays (${facts.imports.length} of services)`,
              hints: [
                `kubectl mesh service list --contexts ${shellWord(context)}`,
                'kubectl mesh service unexport --all takes it away',
              ],
            },
          ],
    ),
}

/** What `--mode gateways` looks at beside what all modes do. */
export const gatewaysChecks: readonly Check<FederationSubject>[] = [captured, editable, renamed, importsLeft]
