import {isIP} from 'node:net'
import {controlPlaneClustersAnnotation} from '../../../engine/kubernetes/labels.ts'
import type {Finding} from '../../../findings/check.ts'
import {injectionPath, isLedBy, istiodPorts} from '../../../istio/remote.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {
  foreignGateways,
  hasIstiodPorts,
  injectedNetwork,
  istiodGatewaysOf,
  pilotAddressOf,
  primaryAmong,
  remoteSetUp,
} from '../../../mesh/primary-remote.ts'
import {clusterInRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {shellWord} from '../../../spec/read.ts'
import type {Federation} from '../spec.ts'
import type {FederationCheck, FederationSubject} from './subject.ts'

type Said = Omit<Finding, 'cluster'>

/** One trouble for each remote in which `find` finds something. Without a primary there is none. */
function eachRemote(
  find: (remote: MeshMember, primary: MeshMember, subject: FederationSubject) => Said[],
): FederationCheck['run'] {
  return subject => {
    const primary = primaryAmong(subject.all)
    if (!primary) return []
    return subject.all
      .filter(member => member.primary !== undefined)
      .flatMap(remote => find(remote, primary, subject).map(trouble => ({...trouble, cluster: remote.cluster})))
  }
}

/** The istioctl values that make a cluster a remote, as one command. */
function remoteInstallHint(remote: MeshMember, primary: MeshMember, address: string, spec: Federation): string {
  const network = injectedNetwork(remote, primary, spec.singleNetwork)
  const values = [
    'profile=remote',
    `values.istiodRemote.injectionPath=${injectionPath(remote.cluster, network)}`,
    `values.global.remotePilotAddress=${address}`,
    ...(spec.systemNamespace === 'istio-system' ? [] : [`values.global.istioNamespace=${spec.systemNamespace}`]),
  ]
  const revision = spec.revision ? ` --revision ${spec.revision}` : ''
  return `istioctl install --context ${shellWord(remote.context)}${revision} ${values.map(value => `--set ${value}`).join(' ')}`
}

/** An istiod writes roots and webhooks of other clusters only when it is told to (pilot multicluster.go, checkShouldLead, 1.31). */
const servesRemotes: FederationCheck = {
  id: 'serves-remotes',
  about: "the primary's istiod serves remote clusters",
  lasting: {mode: 'primary-remote', role: 'primary'},
  run: ({all, spec}) => {
    const primary = primaryAmong(all)
    if (!primary?.controlPlane || primary.controlPlane.servesRemotes) return []
    return [
      {
        cluster: primary.cluster,
        message: 'its istiod serves no remote clusters: they would get neither its root nor its authority',
        hints: [
          `set values.global.externalIstiod=true where you install Istio from (--context ${shellWord(primary.context)})`,
          ...(spec.controlPlane === 'keep' ? ['or let --control-plane istioctl do it'] : []),
        ],
      },
    ]
  },
}

const reachable: FederationCheck = {
  id: 'istiod-reachable',
  about: "the remotes can reach the primary's istiod",
  lasting: {mode: 'primary-remote', role: 'primary'},
  run: ({all, spec}) => {
    const primary = primaryAmong(all)
    if (!primary?.facts || spec.remotePilotAddress !== undefined) return []
    const {cluster, context} = primary
    const gateways = istiodGatewaysOf(primary)
    const foreign = foreignGateways(primary, all)
    const service = foreign[0]
    if (service && !foreign.some(hasIstiodPorts))
      return [
        {
          cluster,
          message: `its gateway ${service.metadata.namespace}/${service.metadata.name} has no ports ${istiodPorts.xds} and ${istiodPorts.webhook}, which remotes dial`,
          hints: [
            `kubectl --context ${shellWord(context)} -n ${service.metadata.namespace} edit service ${service.metadata.name}`,
            'or name another address with --remote-pilot-address',
          ],
        },
      ]
    const addressed = gateways.some(gateway => addressesOf(gateway).length > 0)
    return addressed || spec.gatewayServiceType === 'LoadBalancer'
      ? []
      : [
          {
            cluster,
            message: `a gateway of type ${spec.gatewayServiceType} has no address of its own for the remotes`,
            hints: ['--remote-pilot-address ADDRESS'],
          },
        ]
  },
}

const noIstiod: FederationCheck = {
  id: 'remote-istiod',
  about: 'a remote runs no istiod of the revision',
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: eachRemote((remote, primary, {spec}) =>
    remote.controlPlane
      ? [
          {
            message: `it runs an istiod of its own (revision ${remote.controlPlane.revision}), and a remote of ${primary.cluster} has none`,
            hints: [
              '--mode multi-primary joins clusters that each run one',
              `or uninstall it first, by what installed it: kubectl --context ${shellWord(remote.context)} -n ${spec.systemNamespace} get deployments -l app=istiod -o yaml`,
            ],
          },
        ]
      : [],
  ),
}

const ledByOne: FederationCheck = {
  id: 'remote-annotation',
  about: 'a remote is led by the primary and by no other',
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: eachRemote((remote, primary, {spec}) => {
    const live = remote.facts?.namespace?.metadata.annotations?.[controlPlaneClustersAnnotation]
    const record = readRemoteRecord(remote.facts?.record)
    // one that is as we set it is set anew
    const isOurs = record?.ownsAnnotation && live === record.primary
    return !live || isLedBy(live, primary.cluster) || isOurs
      ? []
      : [
          {
            message: `the annotation ${controlPlaneClustersAnnotation} of namespace ${spec.systemNamespace} names ${live}, not ${primary.cluster}`,
            hints: [
              `kubectl --context ${shellWord(remote.context)} annotate namespace ${spec.systemNamespace} ${controlPlaneClustersAnnotation}-`,
              'and federate again, when it is no remote of that any more',
            ],
          },
        ]
  }),
}

/** What the Sail operator makes is its own: its webhook says port 443, which leads nowhere by a host name. */
function byOperator(address: string | undefined): Said[] {
  return address === undefined || isIP(address)
    ? []
    : [
        {
          message: `the primary is at ${address}, and webhooks that the Sail operator makes reach no istiod by a host name`,
          hints: ['--remote-pilot-address with an IP address of it', 'or --control-plane istioctl'],
        },
      ]
}

const setUp: FederationCheck = {
  id: 'remote-set-up',
  about: "a remote asks the primary's istiod, by the name and network that it has in the mesh",
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: eachRemote((remote, primary, {spec}) => {
    const address = pilotAddressOf(spec.remotePilotAddress, primary)
    if (remote.rendered) return spec.controlPlane === 'sail' ? byOperator(address) : []
    const network = injectedNetwork(remote, primary, spec.singleNetwork)
    const {installed, named, leadsThere, dials} = remoteSetUp(remote, address, network)
    const hints = [
      'add --control-plane istioctl (or helm, sail): it makes that',
      // by a host name istioctl's own webhook leads nowhere
      ...(address !== undefined && isIP(address) ? [`or: ${remoteInstallHint(remote, primary, address, spec)}`] : []),
    ]
    if (!installed) return [{message: `nothing in it asks the istiod of ${primary.cluster} for sidecars`, hints}]
    return [
      ...(named
        ? []
        : [
            {
              message: `its injector does not name it ${remote.cluster}${network ? ` with the network ${network}` : ''}: its proxies would be taken for others`,
              hints,
            },
          ]),
      ...(dials
        ? []
        : [
            {
              message: `its webhook reaches no istiod: behind the host name ${remote.facts?.primaryRemote?.istiodAddresses[0]} nothing listens on its port, only on ${istiodPorts.webhook}`,
              hints,
            },
          ]),
      // without an address the gateway is yet to come, and so is the Service that leads there
      ...(leadsThere || address === undefined
        ? []
        : [
            {
              message: `its istiod Service leads to ${remote.facts?.primaryRemote?.istiodAddresses.join(', ') || 'nothing'}, and the istiod of ${primary.cluster} is at ${address}`,
              hints,
            },
          ]),
    ]
  }),
}

/** A second name of a remote would be a second registration of one cluster. */
const renamed: FederationCheck = {
  id: 'remote-name',
  about: 'a remote is called as it was when it joined',
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: eachRemote((remote, primary) => {
    const {record} = remote.facts ?? {}
    const before = readRemoteRecord(record) && clusterInRecord(record)
    return before === undefined || before === remote.cluster
      ? []
      : [
          {
            message: `it is known to ${primary.cluster} as ${before}, and would be a second time as ${remote.cluster}`,
            hints: [
              `--cluster-name ${shellWord(`${remote.context}=${before}`)}`,
              `or take it out first: kubectl mesh federate remove --contexts ${shellWord(remote.context)} --from ${shellWord(primary.context)} --cluster-name ${shellWord(`${remote.context}=${before}`)}`,
            ],
          },
        ]
  }),
}

/** A run that leaves out half of a primary and its remotes would take from the one what the other lives by. */
export const wholeRoles: FederationCheck = {
  id: 'primary-and-remotes',
  about: 'primaries and their remotes change together',
  beforeWrite: true,
  run: ({all, spec}) =>
    all.flatMap((member): Finding[] => {
      const {cluster, context, facts} = member
      const record = readRemoteRecord(facts?.record)
      if (!facts || !record) return []
      const named = new Set(all.map(one => one.cluster))
      if (record.primary !== undefined)
        return named.has(record.primary)
          ? []
          : [
              {
                cluster,
                message: `it is a remote of ${record.primary}, which this run does not name`,
                hints: [
                  `name the context of ${record.primary} too`,
                  `or take it out first: kubectl mesh federate remove --contexts ${shellWord(context)} --from CONTEXT-OF-${record.primary.toUpperCase()}`,
                ],
              },
            ]
      if (spec.mode === 'primary-remote' && member.primary === undefined) return []
      const left = credentialsIn(facts)
        .map(({target}) => target)
        .filter(target => !named.has(target))
      return left.length === 0
        ? []
        : [
            {
              cluster,
              message: `it is the primary of ${left.join(', ')}, which this run does not name: they would lose their control plane`,
              hints: [
                'name them too, with --mode primary-remote',
                'or take them out first: kubectl mesh federate remove',
              ],
            },
          ]
    }),
}

/** What `--mode primary-remote` looks at beside what all modes do. */
export const primaryRemoteChecks: readonly FederationCheck[] = [
  servesRemotes,
  reachable,
  noIstiod,
  ledByOne,
  renamed,
  setUp,
]
