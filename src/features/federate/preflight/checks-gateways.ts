import {messageOf} from '../../../errors.ts'
import type {Finding} from '../../../findings/check.ts'
import {putGlobalBlock} from '../../../mesh/dns/corefile/global-block.ts'
import {hasReload} from '../../../mesh/dns/corefile/parse.ts'
import {buildDnsStub, dnsPlace} from '../../../mesh/dns/objects-stub.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {clusterInRecord, readGatewaysRecord} from '../../../mesh/record.ts'
import {shellWord} from '../../../spec/read.ts'
import type {FederationCheck, FederationSubject} from './subject.ts'

/** Names under `.global` resolve by the sidecars' DNS proxy, which is off by default. */
const captured: FederationCheck = {
  id: 'dns-capture',
  about: 'sidecars answer for names under .global',
  lasting: {mode: 'gateways'},
  run: ({all, spec}) => {
    if (spec.mode !== 'gateways' || spec.dns !== 'istio') return []
    return all.flatMap(({cluster, controlPlane}): Finding[] => {
      if (!controlPlane) return []
      const troubles: Finding[] = []
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
const editable: FederationCheck = {
  id: 'dns-config',
  about: "the cluster's DNS can be told of .global",
  run: ({all, spec}) => {
    const {dns} = spec
    if (spec.mode !== 'gateways' || dns === 'istio') return []
    const {ref, key} = dnsPlace(dns)
    return all.flatMap((member): Finding[] => {
      const {cluster, facts} = member
      if (!facts) return []
      const text = (facts.dnsConfig?.data as Record<string, string> | undefined)?.[key]
      if (text === undefined && !(dns === 'kube-dns' && facts.dnsConfig))
        return [
          {
            cluster,
            message: `no ConfigMap ${ref.namespace}/${ref.name} with a ${key}: its DNS is none that is known here`,
            hints: [
              `kubectl --context ${shellWord(member.context)} -n ${ref.namespace} get configmaps`,
              "leave --dns out: the sidecars' own DNS proxy needs nothing of it",
            ],
          },
        ]
      return [...refusalOf(member, text ?? '', spec), ...(dns === 'coredns' ? reloadOf(member, text ?? '') : [])]
    })
  },
}

function refusalOf({cluster, facts}: MeshMember, text: string, spec: FederationSubject['spec']): Finding[] {
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

function reloadOf({cluster, context}: MeshMember, text: string): Finding[] {
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
const renamed: FederationCheck = {
  id: 'exporter-name',
  about: 'a cluster is called as it was when it joined',
  run: ({all, spec}) =>
    all.flatMap(({cluster, context, facts}): Finding[] => {
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
const importsLeft: FederationCheck = {
  id: 'imports-left',
  about: 'no service is imported that nobody keeps up',
  run: ({all, spec}) =>
    all.flatMap(({cluster, context, facts}): Finding[] =>
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
export const gatewaysChecks: readonly FederationCheck[] = [captured, editable, renamed, importsLeft]
