import {controlPlaneExists} from '../../control-plane/checks.ts'
import {meshConfigOf} from '../../control-plane/read.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {readTags, webhooksOf} from '../../istio/injection.ts'
import {fits, isDiscovered} from '../../istio/selectors.ts'
import {ingressApplySet, ingressLabels, podLabels} from './objects.ts'
import {chosenNodes, type IngressFacts, type PodSeen, podsSeen} from './read.ts'
import type {IngressDeploy} from './spec-deploy.ts'

/** What a deployment is checked with. */
export interface IngressSubject {
  spec: IngressDeploy & {namespace: string}
  facts: IngressFacts
}

type IngressCheck = Check<IngressSubject>

/** Revision behind a revision or tag; undefined for the default. */
export function revisionBehind(said: string | undefined, injectors: readonly KubernetesObject[]): string | undefined {
  const found = readTags(injectors).get(said ?? 'default') ?? said
  return found === 'default' ? undefined : found
}

const controlPlane: IngressCheck = {
  ...controlPlaneExists,
  run: ({spec, facts}) =>
    controlPlaneExists.run({
      spec: {systemNamespace: spec.systemNamespace, revision: revisionBehind(spec.revision, facts.injectors)},
      plane: facts.plane,
    }),
}

/** Without injection the image stays `auto`, and the pod never starts. */
const injected: IngressCheck = {
  id: 'injection',
  about: "the revision's injector makes the gateway's pods",
  run: ({spec, facts}) => {
    const {namespace} = spec
    const labels = {'kubernetes.io/metadata.name': namespace, ...facts.namespace?.metadata.labels}
    if (facts.namespace?.metadata.labels?.['istio-injection'] === 'disabled')
      return [
        {
          message: `namespace ${namespace} has istio-injection=disabled, and the gateway's proxy comes by injection`,
          hints: [`kubectl label namespace ${namespace} istio-injection-`, 'or another namespace: -n NS'],
        },
      ]
    const pod = podLabels(spec)
    const hit = facts.injectors.filter(configuration =>
      webhooksOf(configuration).some(
        ({namespaceSelector, objectSelector}) => fits(namespaceSelector, labels) && fits(objectSelector, pod),
      ),
    )
    const wanted = revisionBehind(spec.revision, facts.injectors) ?? 'default'
    const revisions = [...new Set(hit.map(({metadata}) => metadata.labels!['istio.io/rev']!))]
    if (revisions.includes(wanted)) return []
    const asked = facts.namespace?.metadata.labels?.['istio.io/rev']
    const hints = [
      asked === undefined
        ? 'kubectl get mutatingwebhookconfigurations -l istio.io/rev'
        : `namespace ${namespace} asks for istio.io/rev=${asked}: --revision ${asked}, or another namespace`,
    ]
    return [
      {
        message:
          revisions.length > 0
            ? `in namespace ${namespace} the gateway would get its proxy from revision ${revisions.join(', ')}, not ${wanted}`
            : `no injector of revision ${wanted} makes pods in namespace ${namespace}`,
        hints,
      },
    ]
  },
}

/** What istiod does not watch, it does not configure. */
const discovered: IngressCheck = {
  id: 'discovered',
  about: 'istiod watches the namespace',
  run: ({spec, facts}) => {
    const {discoverySelectors = []} = meshConfigOf(facts.plane.meshText)
    const labels = {'kubernetes.io/metadata.name': spec.namespace, ...facts.namespace?.metadata.labels}
    if (isDiscovered(discoverySelectors, labels)) return []
    return [
      {
        message: `istiod does not watch namespace ${spec.namespace}: none of its discoverySelectors fits`,
        hints: ['kubectl label namespace, as the mesh config asks', 'or a namespace that it watches: -n NS'],
      },
    ]
  },
}

/** What others made under this name is theirs. */
const nameFree: IngressCheck = {
  id: 'name',
  about: 'nobody else has a gateway of this name there',
  run: ({spec, facts}) => {
    const own = applySetId(ingressApplySet(spec))
    const foreign = facts.existing.filter(({metadata}) => metadata.labels?.[partOfLabel] !== own)
    return foreign.map(({kind, metadata}) => ({
      message: `${kind} ${spec.namespace}/${spec.name} is there already, made by ${makerOf(metadata)}`,
      hints: ['another NAME, or another namespace', 'mesh ingress tls works with gateways of others too'],
    }))
  },
}

function makerOf({labels = {}, managedFields = []}: KubernetesObject['metadata']): string {
  const helm = labels['app.kubernetes.io/managed-by']
  return helm ?? managedFields.find(({subresource}) => !subresource)?.manager ?? 'others'
}

const nodesChosen: IngressCheck = {
  id: 'nodes',
  about: 'nodes have the labels',
  run: ({spec, facts}) => {
    const {nodeSelector} = spec
    const chosen = chosenNodes(facts.nodes, nodeSelector)
    const said = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`)
    if (chosen.length === 0)
      return [
        said.length === 0
          ? {message: 'the cluster has no nodes'}
          : {
              message: `none of the ${facts.nodes.length} nodes has ${said.join(' and ')}`,
              hints: [`kubectl label node NODE ${said.join(' ')}`],
            },
      ]
    const troubles: Finding[] = []
    const unready = chosen.filter(node => !isReady(node)).map(({metadata}) => metadata.name)
    if (unready.length > 0)
      troubles.push({
        level: 'warning',
        message: `${unready.length} of ${chosen.length} chosen nodes ${unready.length === 1 ? 'is' : 'are'} not ready: ${some(unready)}`,
      })
    const tainted = chosen.filter(isTainted).map(({metadata}) => metadata.name)
    if (tainted.length > 0)
      troubles.push({
        level: tainted.length === chosen.length ? 'error' : 'warning',
        message: `${tainted.length} of ${chosen.length} chosen nodes ${tainted.length === 1 ? 'has a taint' : 'have taints'} that the gateway does not tolerate: ${some(tainted)}`,
        hints: [`kubectl taint node ${tainted[0]} KEY- takes one away`],
      })
    return troubles
  },
}

function isReady({status}: KubernetesObject): boolean {
  const {conditions = []} = (status ?? {}) as {conditions?: {type: string; status: string}[]}
  return conditions.some(({type, status: state}) => type === 'Ready' && state === 'True')
}

/** Taints of Kubernetes' own say what the check of readiness says, and DaemonSets tolerate them. */
function isTainted({spec}: KubernetesObject): boolean {
  const {taints = []} = (spec ?? {}) as {taints?: {key: string; effect: string}[]}
  return taints.some(({key, effect}) => effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/'))
}

/** Up to three names, and how many more. */
function some(names: readonly string[]): string {
  const more = names.length - 3
  return names.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** A pod whose host port is taken stays Pending. */
const hostPortsFree: IngressCheck = {
  id: 'host-ports',
  about: 'the host ports are free on the chosen nodes',
  run: ({spec, facts}) => {
    const chosen = new Set(chosenNodes(facts.nodes, spec.nodeSelector).map(({metadata}) => metadata.name))
    const others = podsSeen(facts.pods).filter(
      pod => pod.node !== undefined && chosen.has(pod.node) && !isOwn(pod, spec),
    )
    return spec.hostPorts.flatMap(({host}): Finding[] => {
      const taken = others.filter(({hostPorts}) => hostPorts.includes(host))
      if (taken.length === 0) return []
      const busy = new Set(taken.map(({node}) => node))
      // a Deployment's pods go where there is room
      const isWarning = spec.kind === 'deployment' && busy.size < chosen.size
      return [
        {
          ...(isWarning ? {level: 'warning' as const} : {}),
          message: `host port ${host} is taken on ${busy.size} of ${chosen.size} chosen nodes: ${some(taken.map(({namespace, name, node}) => `pod ${namespace}/${name} on ${node}`))}`,
          hints: ['another --host-port, other nodes by --node-selector, or move these pods away'],
        },
      ]
    })
  },
}

function isOwn({namespace, labels}: PodSeen, spec: IngressSubject['spec']): boolean {
  const {app, istio} = ingressLabels(spec.name)
  return namespace === spec.namespace && labels.app === app && labels.istio === istio
}

/** kube-proxy takes a node port before a host port gets it. */
const nodePortsFree: IngressCheck = {
  id: 'node-ports',
  about: 'no Service has a host port as its node port',
  run: ({spec, facts}) =>
    facts.services.flatMap(service => {
      const {ports = []} = (service.spec ?? {}) as {ports?: {nodePort?: number; protocol?: string}[]}
      return spec.hostPorts
        .filter(({host}) => ports.some(({nodePort, protocol = 'TCP'}) => nodePort === host && protocol === 'TCP'))
        .map(({host}) => ({
          message: `host port ${host} is the node port of Service ${service.metadata.namespace}/${service.metadata.name}, which gets its requests on every node`,
          hints: ['take a host port outside the range of node ports (30000 to 32767 by default)'],
        }))
    }),
}

/** Istio Gateways select by `istio=`, in all namespaces. */
const labelAlone: IngressCheck = {
  id: 'label',
  about: 'no other gateway has its label',
  run: ({spec, facts}) => {
    const {istio} = ingressLabels(spec.name)
    const others = podsSeen(facts.pods).filter(pod => pod.labels.istio === istio && !isOwn(pod, spec))
    if (others.length === 0) return []
    return [
      {
        level: 'warning',
        message: `${others.length} pods of others carry istio=${istio} too: Gateways for it hold for them as well (${some(others.map(({namespace, name}) => `${namespace}/${name}`))})`,
        hints: ['another NAME gives another label'],
      },
    ]
  },
}

/** Looked at before a gateway is deployed. */
export const ingressDeployChecks: readonly IngressCheck[] = [
  controlPlane,
  injected,
  discovered,
  nameFree,
  nodesChosen,
  hostPortsFree,
  nodePortsFree,
  labelAlone,
]
