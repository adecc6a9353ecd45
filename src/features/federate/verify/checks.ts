import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {names, remoteSecretName} from '../../../istio/names.ts'
import {readInjector} from '../../../istio/remote.ts'
import {addressesOf, gatewaysInto} from '../../../mesh/gateway-services.ts'
import {globalHost} from '../../../mesh/services/objects.ts'
import {parseImports} from '../../../mesh/services/read-imports.ts'
import {fingerprintOf, sameRoot} from '../../../pki/read.ts'
import {shellWord} from '../../../spec/read.ts'
import {rootOf} from '../preflight/checks-roots.ts'
import {findStaleImports, hasFixedEndpoints} from './checks-imports.ts'
import {findUnlikeServices} from './checks-services.ts'
import type {SeenCluster, SeenIstiod} from './read.ts'

/** One cluster of a federation among the others, as the checks of `mesh federate verify` look at it. */
export interface VerifySubject {
  me: SeenCluster
  all: readonly SeenCluster[]
  systemNamespace: string
  /** Gateways mode: nobody holds credentials, and services are exported one by one. */
  gateways: boolean
  /** No cluster has a network: all pods reach each other. */
  singleNetwork: boolean
  /** The command that makes it right: `kubectl mesh federate --contexts east,west`. */
  again: string
  /** Flags that say which control planes, for other commands: `--revision`, `1-30`. */
  flags: readonly string[]
}

/** A check that says whether it can look at all, and from where it does. */
export interface VerifyCheck extends Check<VerifySubject> {
  /** Without it the check is not shown: nothing was looked at. */
  looks: (subject: VerifySubject) => boolean
  /** From where it was tested, for people: `as pod istiod-1 sees it`. */
  from: (subject: VerifySubject) => string
}

type Said = Omit<Finding, 'cluster'>
type Views = Exclude<SeenIstiod, {error: string}>

function check(
  id: string,
  about: string,
  how: Pick<VerifyCheck, 'looks' | 'from'> & {run: (subject: VerifySubject) => Said[]},
): VerifyCheck {
  const run = (subject: VerifySubject): Finding[] =>
    how.run(subject).map(trouble => ({...trouble, cluster: subject.me.member.cluster}))
  return {id, about, ...how, run}
}

const answers = ({me}: VerifySubject) => me.unreachable === undefined
const fromServer = ({me}: VerifySubject) => `read from the API server of ${me.member.context}`
const fromIstiods = ({me}: VerifySubject) =>
  `as ${viewsOf(me)
    .map(({pod}) => pod)
    .join(', ')} sees it`
const hasViews = (subject: VerifySubject) => answers(subject) && viewsOf(subject.me).length > 0
const isRemote = ({me}: VerifySubject) => me.member.primary !== undefined
const remotesOf = ({me, all}: VerifySubject) => all.filter(({member}) => member.primary === me.member.context)
const hasImports = ({me}: VerifySubject) => (me.member.facts?.imports ?? []).length > 0
const hasCredentials = (subject: VerifySubject) => answers(subject) && !subject.gateways && !isRemote(subject)
/** Somebody else's istiod reads it. */
const isRead = (subject: VerifySubject) => answers(subject) && !subject.gateways && remotesOf(subject).length === 0
const hasGateways = (subject: VerifySubject) =>
  answers(subject) &&
  !subject.singleNetwork &&
  othersOf(subject).some(({member}) => member.network !== subject.me.member.network)

/** What istiods said, without those that did not answer. */
function viewsOf(seen: SeenCluster): Views[] {
  return seen.istiods.filter(istiod => istiod.error === undefined)
}

function othersOf({me, all}: VerifySubject): SeenCluster[] {
  return all.filter(other => other !== me)
}

function kubectlOf({me, systemNamespace}: VerifySubject, namespaced = true): string {
  return `kubectl --context ${shellWord(me.member.context)}${namespaced ? ` -n ${systemNamespace}` : ''}`
}

const apiServer = check('api-server', 'its API server answers', {
  looks: () => true,
  from: () => 'from this machine',
  run: ({me}) =>
    me.unreachable === undefined
      ? []
      : [{message: me.unreachable, hints: [`kubectl --context ${shellWord(me.member.context)} version`]}],
})

const views = check('istiod-answers', 'every ready istiod of the revision shows its debug pages', {
  looks: subject => answers(subject) && !isRemote(subject),
  from: ({me}) => `by port-forward through the API server of ${me.member.context}`,
  run: subject => {
    const {istiods} = subject.me
    if (istiods.length === 0)
      return [
        {
          message: 'no istiod pod of the revision is ready: nobody can be asked what it knows',
          hints: [`${kubectlOf(subject)} get pods -l app=istiod --show-labels`],
        },
      ]
    const wanted = subject.me.member.controlPlane?.replicas ?? 0
    const fewer: Said = {
      level: 'warning',
      message: `${istiods.length} of ${wanted} istiods ${istiods.length === 1 ? 'is' : 'are'} ready: the rest can't be asked what it knows`,
      hints: [`${kubectlOf(subject)} get pods -l app=istiod`],
    }
    return [
      ...(istiods.length < wanted ? [fewer] : []),
      ...istiods.flatMap(({pod, error}) =>
        error === undefined
          ? []
          : [{message: `${pod}: ${error}`, hints: [`${kubectlOf(subject)} port-forward ${pod} 8080`]}],
      ),
    ]
  },
})

const networkLabelled = check('network-label', 'its system namespace says its network', {
  looks: hasGateways,
  from: fromServer,
  run: subject => {
    const {facts, network} = subject.me.member
    const found = facts?.namespace?.metadata.labels?.[networkLabel]
    if (found !== undefined && found === network) return []
    return [
      {
        message:
          found === undefined
            ? `namespace ${subject.systemNamespace} has no label ${networkLabel}: every istiod takes its pods for pods of the own network`
            : `namespace ${subject.systemNamespace} says network ${found}, and it is ${network}`,
        hints: [
          `${kubectlOf(subject, false)} label namespace ${subject.systemNamespace} ${networkLabel}=${network} --overwrite`,
          `or ${subject.again}`,
        ],
      },
    ]
  },
})

const gatewayAddress = check('gateway-address', 'a gateway leads into its network and has an address', {
  looks: hasGateways,
  from: fromServer,
  run: subject => {
    const {member} = subject.me
    const services = gatewaysInto(member)
    if (services.length === 0)
      return [
        {
          message: `no Service with mTLS on port 15443 has the label ${networkLabel}=${member.network}`,
          hints: [subject.again],
        },
      ]
    return services
      .filter(service => addressesOf(service).length === 0 && !isByNodes(service))
      .map(({metadata}) => ({
        message: `the gateway ${metadata.namespace}/${metadata.name} has no address: the other clusters can't reach its pods`,
        hints: [
          `kubectl --context ${shellWord(member.context)} -n ${metadata.namespace} describe service ${metadata.name}`,
        ],
      }))
  },
})

/** A NodePort gateway is reached at its nodes, which istiod finds by this annotation. */
function isByNodes({spec, metadata}: KubernetesObject): boolean {
  const {type} = (spec ?? {}) as {type?: string}
  return type === 'NodePort' && metadata.annotations?.['traffic.istio.io/nodeSelector'] !== undefined
}

const gatewayReachable = check('gateway-reachable', 'its gateway takes a TCP connection', {
  looks: subject => hasGateways(subject) && subject.me.addresses.length > 0,
  from: () => 'from this machine, which need not be on the way that traffic takes',
  run: ({me}) =>
    me.addresses
      .filter(({error}) => error !== undefined)
      .map(({address, port, error}) => ({
        level: 'warning' as const,
        message: `${address} port ${port} does not answer this machine (${error})`,
        hints: [`try it from a pod of another cluster: nc -vz ${address} ${port}`],
      })),
})

interface GatewayServer {
  port?: {number?: number; protocol?: string}
  tls?: {mode?: string}
}

const exposed = check('exposure', `${names.crossNetworkGateway} lets the others through`, {
  looks: hasGateways,
  from: fromServer,
  run: subject => {
    // a remote's Istio configuration is its primary's
    const {primary} = subject.me.member
    const says = primary === undefined ? subject.me : subject.all.find(({member}) => member.context === primary)
    // one that was not looked at
    if (!says?.member.facts) return []
    const {exposure} = says.member.facts
    const where = `${subject.systemNamespace}/${names.crossNetworkGateway}`
    const hints = [subject.again]
    if (!exposure) return [{message: `the Gateway ${where} is missing: its east-west gateway lets nobody in`, hints}]
    const {servers = []} = (exposure.spec ?? {}) as {servers?: GatewayServer[]}
    return servers.some(({port, tls}) => port?.number === 15443 && tls?.mode === 'AUTO_PASSTHROUGH')
      ? []
      : [{message: `the Gateway ${where} has no server with AUTO_PASSTHROUGH on port 15443`, hints}]
  },
})

const istiodExposed = check('istiod-exposed', 'its gateway lets the remotes through to its istiod', {
  looks: subject => answers(subject) && remotesOf(subject).length > 0,
  from: fromServer,
  run: subject =>
    subject.me.member.facts?.primaryRemote?.istiodExposed
      ? []
      : [
          {
            message: `no Gateway and VirtualService of ${subject.systemNamespace} lead from port 15012 to its istiod: no proxy of a remote reaches it`,
            hints: [subject.again],
          },
        ],
})

const injection = check('injection', 'its webhooks trust an istiod, so that pods get sidecars', {
  looks: subject => answers(subject) && isRemote(subject),
  from: fromServer,
  run: subject => {
    const {injector} = subject.me.member.facts?.primaryRemote ?? {}
    // that there is none is told by the check of the remote's set-up
    if (!injector || readInjector(injector).trusted) return []
    return [
      {
        message: `the istiod of its primary has not put its authority into ${injector.metadata.name}: no pod that wants a sidecar can start`,
        hints: [subject.again],
      },
    ]
  },
})

const roots = check('root', 'its root CA is that of the others, and its istiod hands it out', {
  looks: answers,
  from: fromServer,
  run: subject => {
    const {me, all} = subject
    const root = rootOf(me.member)
    if (!root)
      return [
        {
          message: isRemote(subject)
            ? 'its root CA is not known: the istiod of its primary has handed none out there'
            : 'its root CA is not known: its istiod has handed none out',
          hints: [
            isRemote(subject)
              ? `kubectl --context ${shellWord(me.member.primary!)} -n ${subject.systemNamespace} logs -l app=istiod`
              : `kubectl mesh ca status --contexts ${shellWord(me.member.context)}`,
          ],
        },
      ]
    const first = all.find(({member}) => rootOf(member))!
    const wanted = rootOf(first.member)!
    const served = me.member.facts?.servedRoot
    return [
      ...(sameRoot(root.pem, wanted.pem)
        ? []
        : [
            {
              message: `its root CA (${fingerprintOf(root.pem)}) is not that of ${first.member.cluster} (${fingerprintOf(wanted.pem)}): mTLS between them fails`,
              hints: [
                'both need intermediates of one root: kubectl mesh ca init --dir mesh-ca',
                `then ${subject.again} --ca-dir mesh-ca`,
              ],
            },
          ]),
      ...(served === undefined || sameRoot(root.pem, served)
        ? []
        : [
            {
              message: `its istiod still hands out another root (${fingerprintOf(served)}) than its cacerts has (${fingerprintOf(root.pem)})`,
              hints: [`${kubectlOf(subject)} rollout restart deployment -l app=istiod`, 'then restart the workloads'],
            },
          ]),
    ]
  },
})

const reader = check('reader', 'the account that the others use may do what istiod needs', {
  looks: isRead,
  from: fromServer,
  run: subject => {
    const {reader, primaryRemote} = subject.me.member.facts!
    const what = !reader.allowed
      ? 'istiods of the others see nothing here'
      : isRemote(subject) && !primaryRemote?.readerLeads
        ? "its primary's istiod can't write its root and its authority here"
        : undefined
    return reader.account && what
      ? [{message: `the account ${names.readerAccount} lacks rights: ${what}`, hints: [subject.again]}]
      : []
  },
})

const credentials = check('credentials', 'it holds one credential for each other cluster, and that takes it now', {
  looks: hasCredentials,
  from: subject => {
    const asked = subject.me.credentials.filter(({state}) => state !== 'unknown').map(({leadsTo}) => leadsTo)
    return asked.length > 0 ? `TokenReview by ${[...new Set(asked)].join(', ')}` : fromServer(subject)
  },
  run: subject =>
    othersOf(subject).flatMap(({member: {cluster}}): Said[] => {
      const held = subject.me.credentials.filter(({key}) => key === cluster)
      const [first, second] = held
      // one under another key is told by the check of the keys
      if (!first)
        return subject.me.credentials.some(({leadsTo}) => leadsTo === cluster)
          ? []
          : [
              {
                message: `it holds no credential for ${cluster}: its pods can't find what runs there`,
                hints: [subject.again],
              },
            ]
      const twice = second
        ? [
            {
              message: `${cluster} is registered by two Secrets, ${first.secret} and ${second.secret}: istiod takes one of them`,
              hints: [`${kubectlOf(subject)} delete secret ${second.secret}`],
            },
          ]
        : []
      return [...twice, ...held.flatMap(credential => stateTrouble(subject, cluster, credential))]
    }),
})

function stateTrouble(
  subject: VerifySubject,
  cluster: string,
  {state, secret, why}: SeenCluster['credentials'][number],
): Said[] {
  if (state === 'refused')
    return [
      {
        message: `${cluster} refuses the token in the Secret ${secret}: it was revoked or has ended`,
        hints: [subject.again],
      },
    ]
  if (state === 'unknown')
    return [
      {
        level: 'warning',
        message: `whether ${cluster} takes the credential in the Secret ${secret} is not known: ${why}`,
        hints: [`${kubectlOf(subject)} logs -l app=istiod | grep ${shellWord(cluster)}`],
      },
    ]
  return []
}

const keys = check('cluster-key', "each Secret's key is what the cluster's own istiod calls it", {
  looks: hasCredentials,
  from: subject => fromServer(subject),
  run: subject =>
    subject.me.credentials
      .filter(({key, leadsTo}) => leadsTo !== undefined && key !== leadsTo)
      .map(({key, leadsTo, secret}) => {
        const target = subject.all.find(({member}) => member.cluster === leadsTo)
        return {
          message: `the Secret ${secret} calls ${key} what calls itself ${leadsTo}: its endpoints are taken for those of a cluster that nobody is in`,
          hints: [
            `${kubectlOf(subject)} delete secret ${secret}, then ${subject.again} (makes ${remoteSecretName(leadsTo!)})`,
            `or name the istiod of ${target?.member.context ?? leadsTo} ${key} (values.global.multiCluster.clusterName)`,
          ],
        }
      }),
})

const ownName = check('own-name', 'its istiods call the cluster what the mesh calls it', {
  looks: subject => hasViews(subject) && !subject.gateways,
  from: fromIstiods,
  run: subject => {
    const {cluster} = subject.me.member
    return viewsOf(subject.me).flatMap(({pod, clusters}): Said[] => {
      const own = clusters.find(({secretName}) => secretName === '')
      return own && own.id !== cluster
        ? [
            {
              message: `${pod} calls its cluster ${own.id}, the mesh calls it ${cluster}`,
              hints: [`${kubectlOf(subject)} rollout restart deployment -l app=istiod, if its CLUSTER_ID was changed`],
            },
          ]
        : []
    })
  },
})

const synced = check('clusters-synced', 'its istiods have read every other cluster', {
  looks: subject => hasViews(subject) && !subject.gateways,
  from: fromIstiods,
  run: subject =>
    viewsOf(subject.me).flatMap(({pod, clusters}) =>
      othersOf(subject).flatMap(({member: {cluster}}): Said[] => {
        const status = clusters.find(({id, secretName}) => id === cluster && secretName !== '')?.syncStatus
        if (status === 'synced') return []
        const held = subject.me.credentials.some(({key}) => key === cluster)
        const logs = `${kubectlOf(subject)} logs ${pod} | grep ${shellWord(cluster)}`
        return [
          status === undefined
            ? {message: `${pod} does not know the cluster ${cluster}`, hints: [held ? logs : subject.again]}
            : {
                message: `${pod} has not read ${cluster}: ${status}`,
                hints: [logs, "does its API server's address in the Secret lead there from this cluster's pods?"],
              },
        ]
      }),
    ),
})

const networksKnown = check(
  'networks-known',
  'its istiods know the gateways of the other networks, by the addresses that these have now',
  {
    looks: subject => hasViews(subject) && hasGateways(subject) && !subject.gateways,
    from: fromIstiods,
    run: subject =>
      viewsOf(subject.me).flatMap(view => othersOf(subject).flatMap(other => unknownGateways(subject, view, other))),
  },
)

function unknownGateways(subject: VerifySubject, {pod, gateways}: Views, other: SeenCluster): Said[] {
  const {member} = other
  if (!member.facts || member.network === subject.me.member.network) return []
  const services = gatewaysInto(member)
  const addresses = services.flatMap(addressesOf)
  // that there is none is told of the cluster that lacks it
  if (addresses.length === 0) return []
  const ofCluster = gateways.filter(({network, cluster}) => network === member.network && cluster === member.cluster)
  // those of the mesh config (meshNetworks) belong to no cluster
  const known = [...ofCluster, ...gateways.filter(({network, cluster}) => network === member.network && cluster === '')]
  const hints = [`${kubectlOf(subject)} logs ${pod} | grep ${shellWord(member.cluster)}`]
  if (known.length === 0)
    return [{message: `${pod} knows no gateway into ${member.network}, the network of ${member.cluster}`, hints}]
  const isIp = (address: string) => /^[0-9.]+$|:/.test(address)
  // of a host name, istiod has the addresses that it resolved
  if (!addresses.every(isIp) || services.some(isByNodes)) return []
  const missing = addresses.filter(address => !known.some(gateway => gateway.address === address))
  const old = ofCluster.map(({address}) => address).filter(address => !addresses.includes(address))
  return [
    ...missing.map(address => ({
      message: `${pod} does not know ${address}, a gateway of ${member.cluster}`,
      hints,
    })),
    ...old.map(address => ({
      message: `${pod} still sends to ${address}, which is no gateway of ${member.cluster} any more`,
      hints,
    })),
  ]
}

const endpointsKnown = check('endpoints-known', 'its istiods know the endpoints that the others have', {
  looks: subject =>
    hasViews(subject) && !subject.gateways && othersOf(subject).some(other => viewsOf(other).length > 0),
  from: subject =>
    `${fromIstiods(subject)}, compared with ${othersOf(subject)
      .flatMap(viewsOf)
      .map(({pod}) => pod)
      .join(', ')}`,
  run: subject =>
    viewsOf(subject.me).flatMap(({pod, endpoints}) =>
      othersOf(subject).flatMap(({member: {cluster}, istiods, meshNamespaces}): Said[] => {
        const own = istiods.find(istiod => istiod.error === undefined)
        const theirs = [...(own?.endpoints.get(cluster) ?? [])].filter(host => meshNamespaces.has(namespaceOf(host)))
        const missing = theirs.filter(host => !endpoints.get(cluster)?.has(host)).sort()
        if (missing.length === 0) return []
        return [
          {
            // a pod that starts right now is known here a moment before it is there
            level: missing.length === theirs.length ? 'error' : 'warning',
            message: `${pod} knows endpoints in ${cluster} of ${theirs.length - missing.length} of ${theirs.length} services; not of ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}`,
            hints: [`${kubectlOf(subject)} logs ${pod} | grep ${shellWord(cluster)}`],
          },
        ]
      }),
    ),
})

/** `NAME.NAMESPACE.svc.DOMAIN` */
function namespaceOf(host: string): string {
  return host.split('.')[1] ?? ''
}

const services = check(
  'services',
  'it has every Service that a mesh namespace of the others has, with the same ports',
  {
    looks: subject => answers(subject) && !subject.gateways,
    from: ({all}) => `read from the API servers of ${all.map(({member}) => member.context).join(', ')}`,
    run: ({me, all, systemNamespace}) => findUnlikeServices(me, all, systemNamespace),
  },
)

const noCredentials = check('no-credentials', 'it holds no credential for the others', {
  looks: subject => answers(subject) && subject.gateways,
  from: fromServer,
  run: subject => {
    const bySecret = Map.groupBy(
      subject.me.credentials.filter(({leadsTo}) => leadsTo !== undefined),
      ({secret}) => secret,
    )
    return [...bySecret].map(([secret, held]) => ({
      level: 'warning',
      message: `the Secret ${secret} lets its istiod read ${held.map(({leadsTo}) => leadsTo).join(', ')}: in gateways mode nobody needs that`,
      hints: [`${kubectlOf(subject)} delete secret ${secret}`],
    }))
  },
})

const importsCurrent = check('imports-current', 'what it imports is what the others would export now', {
  looks: subject => answers(subject) && subject.gateways && hasImports(subject),
  from: ({all}) => `read from the API servers of ${all.map(({member}) => member.context).join(', ')}`,
  run: ({me, all, flags}) => findStaleImports(me, all, flags),
})

const importsKnown = check('imports-known', 'its istiods know the endpoints of what it imports', {
  looks: subject => hasViews(subject) && subject.gateways && fixedHostsOf(subject).length > 0,
  from: fromIstiods,
  run: subject =>
    viewsOf(subject.me).flatMap(({pod, external}) =>
      fixedHostsOf(subject)
        .filter(host => !external.has(host))
        .map(host => ({
          message: `${pod} knows no endpoint of ${host}`,
          hints: [`${kubectlOf(subject)} logs ${pod} | grep ${shellWord(host)}`],
        })),
    ),
})

/** Imported hosts whose endpoints istiod has from the ServiceEntry alone. */
function fixedHostsOf({me}: VerifySubject): string[] {
  const {imports} = parseImports(me.member.facts?.imports ?? [])
  return imports.filter(({imported}) => hasFixedEndpoints(imported)).map(({imported}) => globalHost(imported))
}

/** What `mesh federate verify` looks at in each cluster, beside what the preflight of `federate` looks at. */
export const verifyChecks: readonly VerifyCheck[] = [
  apiServer,
  views,
  ownName,
  networkLabelled,
  gatewayAddress,
  gatewayReachable,
  exposed,
  istiodExposed,
  injection,
  roots,
  reader,
  credentials,
  keys,
  noCredentials,
  synced,
  networksKnown,
  endpointsKnown,
  services,
  importsCurrent,
  importsKnown,
]
