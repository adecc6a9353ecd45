import type {Finding} from '../../../findings/check.ts'
import {minorOf} from '../../../istio/control-plane.ts'
import {names, remoteSecretName} from '../../../istio/names.ts'
import {baseChartOf} from '../../../istio/render/charts.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {credentialsIn, type FoundCredential} from '../../../mesh/remote-secrets.ts'
import {foreignGateways} from '../../../mesh/primary-remote.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {readRemoteRecord} from '../../../mesh/record.ts'
import {shellWord} from '../../../spec/read.ts'
import {dnsLabel, isLoopback} from '../../../spec/texts.ts'
import type {Federation} from '../spec.ts'
import {caChecks} from './checks-ca.ts'
import {gatewaysChecks} from './checks-gateways.ts'
import {primaryRemoteChecks, wholeRoles} from './checks-primary-remote.ts'
import {rootChecks} from './checks-roots.ts'
import type {FederationCheck, FederationSubject} from './subject.ts'

/** One trouble for each cluster in which `find` finds something. */
function eachOf(
  find: (member: MeshMember, subject: FederationSubject) => Omit<Finding, 'cluster'> | undefined,
): FederationCheck['run'] {
  return subject =>
    subject.all.flatMap(member => {
      const trouble = find(member, subject)
      return trouble ? [{...trouble, cluster: member.cluster}] : []
    })
}

/** The istioctl values that a control plane needs for this Spec, as one command. */
function installHint(member: MeshMember, spec: Federation): string {
  const meshId = spec.meshId ?? member.controlPlane?.meshId ?? 'mesh1'
  const values = [
    `values.global.meshID=${meshId}`,
    `values.global.multiCluster.clusterName=${member.cluster}`,
    ...(spec.singleNetwork ? [] : [`values.global.network=${member.network}`]),
    ...(spec.trustDomain ? [`meshConfig.trustDomain=${spec.trustDomain}`] : []),
    ...(spec.mode === 'gateways' && spec.dns === 'istio'
      ? ['meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE=true']
      : []),
    ...(spec.mode === 'primary-remote' ? ['values.global.externalIstiod=true'] : []),
    ...(spec.systemNamespace === 'istio-system' ? [] : [`values.global.istioNamespace=${spec.systemNamespace}`]),
  ]
  const revision = spec.revision ? ` --revision ${spec.revision}` : ''
  return `istioctl install --context ${shellWord(member.context)}${revision} ${values.map(value => `--set ${value}`).join(' ')}`
}

/** The same two contexts of one cluster would give a mesh of one. */
const distinctClusters: FederationCheck = {
  id: 'distinct-clusters',
  about: 'each context is another cluster',
  lasting: {},
  run: ({all}) =>
    all.flatMap((member, at) => {
      const same = all.slice(0, at).find(other => other.facts?.uid && other.facts.uid === member.facts?.uid)
      return same
        ? [
            {
              cluster: member.cluster,
              message: `contexts ${same.context} and ${member.context} are the same cluster`,
              hints: ['name each cluster by one context'],
            },
          ]
        : []
    }),
}

const clusterNames: FederationCheck = {
  id: 'cluster-names',
  about: 'each cluster has a name of its own that is a DNS label',
  lasting: {},
  run: ({all}) =>
    all.flatMap((member, at): Finding[] => {
      const {cluster, context} = member
      const problem = dnsLabel(cluster)
      if (problem)
        return [
          {
            message: `context ${context}: the cluster name ${cluster} ${problem}`,
            hints: [`--cluster-name ${shellWord(`${context}=NAME`)}`],
          },
        ]
      const same = all.slice(0, at).find(other => other.cluster === cluster)
      return same
        ? [
            {
              message: `contexts ${same.context} and ${context} both have the cluster name ${cluster}`,
              hints: [
                `--cluster-name ${shellWord(`${context}=NAME`)}`,
                'and the same in its istiod (values.global.multiCluster.clusterName)',
              ],
            },
          ]
        : []
    }),
}

/** istioctl brings the definitions, and so does helm where the base chart is found; an Istio resource does not. */
function isDefinedByRendering({rendered}: MeshMember, {controlPlane: via, chart}: Federation): boolean {
  return rendered !== undefined && (via === 'istioctl' || (via === 'helm' && baseChartOf(chart) !== undefined))
}

function definitionsHint({context}: MeshMember, {controlPlane: via, systemNamespace}: Federation): string {
  return via === 'helm'
    ? `helm install istio-base istio/base --kube-context ${shellWord(context)} --namespace ${systemNamespace} --create-namespace`
    : 'install the Sail operator there, which brings them'
}

const istioCrds: FederationCheck = {
  id: 'istio-crds',
  about: "Istio's resource definitions are there",
  lasting: {role: 'primary'},
  run: eachOf((member, {spec}) =>
    // a remote's configuration is its primary's
    member.facts?.hasIstioCrds || isDefinedByRendering(member, spec) || member.primary !== undefined
      ? undefined
      : {
          message: "Istio's resource definitions (CRDs) are missing",
          hints: member.rendered ? [definitionsHint(member, spec)] : [installHint(member, spec)],
        },
  ),
}

const sailOperator: FederationCheck = {
  id: 'sail-operator',
  about: 'the Sail operator is there, where it is to make the control plane',
  run: eachOf(({rendered, facts, context}) =>
    rendered && facts?.hasSailCrds === false
      ? {
          message: 'the Sail operator is not there: nobody would make a control plane of an Istio resource',
          hints: [
            'install it first (its own guide), or use --control-plane istioctl',
            `kubectl --context ${shellWord(context)} get customresourcedefinitions istios.sailoperator.io`,
          ],
        }
      : undefined,
  ),
}

/** What was said of control planes holds for those that are rendered. */
const keptPlanes: FederationCheck = {
  id: 'kept-control-plane',
  about: 'what is said of control planes reaches all of them',
  run: eachOf((member, {spec}) => {
    const {set, values, certProvider} = spec
    if (spec.controlPlane === 'keep' || member.rendered || !member.controlPlane) return undefined
    const said = [
      ...(set.length > 0 ? ['--set'] : []),
      ...(values.length > 0 ? ['--values'] : []),
      ...(certProvider === 'istiod' ? [] : ['--cert-provider']),
    ]
    return said.length === 0
      ? undefined
      : {
          level: 'warning',
          message: `its control plane fits and is kept as it is: ${said.join(', ')} ${said.length === 1 ? 'has' : 'have'} no effect there`,
          hints: ['set that where it was installed from'],
        }
  }),
}

const controlPlane: FederationCheck = {
  id: 'control-plane',
  about: 'a control plane of the revision runs',
  lasting: {role: 'primary'},
  run: eachOf((member, {spec}) => {
    if (member.primary !== undefined) return undefined
    if (member.controlPlane) {
      const {ready, replicas} = member.controlPlane
      return ready > 0
        ? undefined
        : {
            level: 'warning',
            message: `istiod is not ready (0 of ${replicas})`,
            hints: [`kubectl --context ${shellWord(member.context)} -n ${spec.systemNamespace} get pods -l app=istiod`],
          }
    }
    const others = member.facts?.controlPlanes.map(({revision}) => revision) ?? []
    const which = spec.revision ? `istiod of revision ${spec.revision}` : 'istiod without a revision'
    const primary = readRemoteRecord(member.facts?.record)?.primary
    return {
      message: `no ${which} in namespace ${spec.systemNamespace}`,
      hints: [
        ...(primary === undefined ? [] : [`it is a remote of ${primary}: add --mode primary-remote`]),
        ...(others.length > 0 ? [`revisions there: ${others.join(', ')} (--revision)`] : []),
        installHint(member, spec),
      ],
    }
  }),
}

/** istiod takes the key of a remote Secret for a cluster's name and ignores its own: both sides must agree. */
const clusterNameFits: FederationCheck = {
  id: 'cluster-name-fits',
  about: 'istiod calls its cluster what the mesh calls it',
  lasting: {role: 'primary'},
  run: eachOf((member, {spec}) => {
    const found = member.controlPlane?.cluster
    // without remote Secrets no istiod hears of a cluster's name
    if (!member.controlPlane || found === member.cluster || spec.mode === 'gateways') return undefined
    return {
      message: `its istiod calls the cluster ${found ?? 'nothing'}, the mesh would call it ${member.cluster}`,
      hints: [
        installHint(member, spec),
        ...(found && found !== 'Kubernetes' ? [`or --cluster-name ${shellWord(`${member.context}=${found}`)}`] : []),
      ],
    }
  }),
}

const meshIds: FederationCheck = {
  id: 'mesh-id',
  about: 'all control planes have one mesh ID',
  lasting: {role: 'primary'},
  run: subject => {
    const {all, spec} = subject
    const known = all.filter(({controlPlane}) => controlPlane)
    const wanted = spec.meshId ?? known.find(({controlPlane}) => controlPlane?.meshId)?.controlPlane?.meshId
    return known
      .filter(({controlPlane}) => controlPlane?.meshId !== wanted)
      .map(member => ({
        cluster: member.cluster,
        message: `mesh ID is ${member.controlPlane?.meshId ?? 'not set'}, the mesh's is ${wanted}`,
        hints: [installHint(member, {...spec, meshId: wanted})],
      }))
  },
}

const trustDomains: FederationCheck = {
  id: 'trust-domain',
  about: 'all control planes have one trust domain',
  lasting: {role: 'primary'},
  run: ({all, spec}) => {
    const known = all.filter(({controlPlane}) => controlPlane)
    const wanted = spec.trustDomain ?? known[0]?.controlPlane?.trustDomain
    return known
      .filter(({controlPlane}) => controlPlane?.trustDomain !== wanted)
      .map(member => ({
        cluster: member.cluster,
        message: `trust domain is ${member.controlPlane?.trustDomain}, the mesh's is ${wanted}`,
        hints: [installHint(member, {...spec, trustDomain: wanted}), 'changing it restarts all workloads'],
      }))
  },
}

/** Proxies get their network from the injector, endpoints from the namespace's label: they must not differ. */
const networks: FederationCheck = {
  id: 'network',
  about: "proxies and endpoints of a cluster have the cluster's network",
  lasting: {role: 'primary'},
  run: eachOf((member, {spec, all}) => {
    if (!member.controlPlane) return undefined
    const found = member.controlPlane.network
    if (spec.singleNetwork) {
      const first = all.find(({controlPlane}) => controlPlane)?.controlPlane?.network
      return found === first
        ? undefined
        : {
            message: `its proxies have the network ${found ?? '(none)'}, others ${first ?? '(none)'}, but --single-network says that all are on one`,
            hints: ['leave --single-network out, or set values.global.network alike'],
          }
    }
    if (found === member.network) return undefined
    return {
      message: `its proxies have ${found === undefined ? 'no network' : `the network ${found}`}, the mesh calls it ${member.network}`,
      hints: [
        installHint(member, spec),
        ...(found === undefined ? [] : [`or --network ${shellWord(`${member.context}=${found}`)}`]),
      ],
    }
  }),
}

/** Kubernetes that an Istio minor supports at least (istio.io, supported releases; release notes 1.25, 1.28, 1.30). */
const leastKubernetes = [
  {istio: 1030, kubernetes: 1032},
  {istio: 1028, kubernetes: 1030},
  {istio: 1025, kubernetes: 1029},
]

const versions: FederationCheck = {
  id: 'versions',
  about: 'the versions of Istio and Kubernetes go together',
  lasting: {role: 'primary'},
  run: ({all}) => {
    const troubles: Finding[] = []
    const minors = all.map(({controlPlane}) => minorOf(controlPlane?.version))
    const newest = Math.max(...minors.filter(minor => minor !== undefined))
    for (const [at, member] of all.entries()) {
      const {cluster, facts} = member
      const version = member.controlPlane?.version
      const minor = minors[at]
      if (!member.controlPlane || member.rendered) continue
      if (minor === undefined) {
        troubles.push({
          level: 'warning',
          cluster,
          message: `the version of its istiod is not known (${version ?? 'no tag'})`,
          hints: [
            `kubectl --context ${shellWord(member.context)} -n ${member.controlPlane.namespace} get deployments -l app=istiod -o wide`,
          ],
        })
        continue
      }
      if (minor < 1024)
        troubles.push({
          cluster,
          message: `Istio ${version} is too old: 1.24 is the oldest that is known to work`,
          hints: ['upgrade Istio there first'],
        })
      if (newest - minor > 1)
        troubles.push({
          level: 'warning',
          cluster,
          message: `Istio ${version} is more than one minor version behind the newest here`,
          hints: ['upgrade it before the others go on'],
        })
      const least = leastKubernetes.find(({istio}) => minor >= istio)?.kubernetes
      const kubernetes = minorOf(facts?.kubernetes)
      if (least !== undefined && kubernetes !== undefined && kubernetes < least)
        troubles.push({
          level: 'warning',
          cluster,
          message: `Istio ${version} wants Kubernetes 1.${least - 1000} or newer, this is ${facts?.kubernetes}`,
          hints: ['upgrade Kubernetes there first'],
        })
    }
    return troubles
  },
}

/** A pod of another cluster that dials a loopback address reaches itself. */
const apiAddresses: FederationCheck = {
  id: 'api-address',
  about: 'the API server addresses can be reached from the other clusters',
  beforeWrite: true,
  run: eachOf((member, {spec}) => {
    if (member.server === undefined || !isLoopback(member.server) || spec.mode === 'gateways') return undefined
    // nobody but you talks to a primary's API server
    if (spec.mode === 'primary-remote' && member.primary === undefined) return undefined
    if (spec.server[member.context] !== undefined) return undefined
    return {
      message: `its API server address ${member.server} is a loopback address, which means itself in every other cluster`,
      hints: [
        `--server ${shellWord(`${member.context}=https://HOST:PORT`)} with an address that the other clusters reach`,
      ],
    }
  }),
}

const rights: FederationCheck = {
  id: 'rights',
  about: 'you may write what is needed',
  beforeWrite: true,
  run: ({denied, all}) =>
    [...denied].flatMap(([cluster, missing]) => {
      const context = all.find(member => member.cluster === cluster)?.context ?? cluster
      const kubectl = `kubectl --context ${shellWord(context)} auth can-i`
      return missing.map(({verb, group, resource, namespace}) => {
        const what = `${verb} ${resource}${group ? `.${group}` : ''}`
        return {
          cluster,
          message: `you may not ${what}${namespace ? ` in ${namespace}` : ''}`,
          hints: [`${kubectl} ${what}${namespace ? ` -n ${namespace}` : ''}`],
        }
      })
    }),
}

/** istiod ignores a cluster that another Secret has registered already (istio/pkg/kube/multicluster, 1.31). */
const oneLayout: FederationCheck = {
  id: 'credential-layout',
  about: 'no cluster is registered by two Secrets',
  run: ({all, spec}) =>
    all.flatMap(member => {
      if (spec.mode === 'gateways' || member.primary !== undefined) return []
      const others = all.filter(other => other !== member).map(({cluster}) => cluster)
      const adoptable = new Set(member.facts ? credentialsIn(member.facts).filter(one => isAdoptable(one, all)) : [])
      return (member.facts?.remoteSecrets ?? []).flatMap(secret => {
        const {name} = secret.metadata
        const keys = Object.keys((secret.data ?? {}) as object).filter(
          key => others.includes(key) && ![...adoptable].some(one => one.secret === secret && one.target === key),
        )
        return keys
          .filter(key => name !== (spec.credentials === 'bundled' ? names.bundledSecret : remoteSecretName(key)))
          .map(key => ({
            cluster: member.cluster,
            message: `${key} is registered by the Secret ${name} already, and istiod would ignore a second one`,
            hints: [
              `kubectl --context ${shellWord(member.context)} -n ${spec.systemNamespace} delete secret ${name}`,
              'then run this again',
            ],
          }))
      })
    }),
}

/** Another's Secret, whatever its name, that leads to where we would lead. */
function isAdoptable({ours, target, kubeconfig}: FoundCredential, all: readonly MeshMember[]): boolean {
  const access = ours ? undefined : accessIn(kubeconfig)
  return access?.token !== undefined && access.server === all.find(({cluster}) => cluster === target)?.server
}

const gatewayAddressed: FederationCheck = {
  id: 'gateway-addressable',
  about: 'the gateways can have an address',
  beforeWrite: true,
  run: eachOf((member, {spec, all}) =>
    spec.gatewayServiceType === 'ClusterIP' && !spec.singleNetwork && foreignGateways(member, all).length === 0
      ? {
          level: 'warning',
          message: 'a ClusterIP gateway has no address that others reach',
          hints: ['give its Service externalIPs, or use --gateway-service-type LoadBalancer'],
        }
      : undefined,
  ),
}

/** The preflight of `mesh federate`: everything is read before, and nothing is written if one of these finds an error. */
export const federationChecks: readonly FederationCheck[] = [
  distinctClusters,
  clusterNames,
  istioCrds,
  sailOperator,
  controlPlane,
  keptPlanes,
  clusterNameFits,
  meshIds,
  trustDomains,
  networks,
  versions,
  ...rootChecks,
  ...caChecks,
  apiAddresses,
  rights,
  oneLayout,
  gatewayAddressed,
  ...gatewaysChecks,
  wholeRoles,
  ...primaryRemoteChecks,
]
