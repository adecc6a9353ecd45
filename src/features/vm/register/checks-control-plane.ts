import {nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {isDiscovered} from '../../../istio/selectors.ts'
import {isNodePort} from '../../../mesh/gateways/endpoints.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {gatewayAddressesOf, invalidMeshConfig, missingControlPlane, missingRoot, namespaceLabelsOf} from '../facts.ts'
import {istiodPort} from '../istio-workloads.ts'
import {registersItself} from '../objects.ts'
import {appliesGateway} from '../shared/plan.ts'
import type {VmCheck, VmSubject} from './subject.ts'

const istioCrds: VmCheck = {
  id: 'istio-crds',
  about: 'Istio CRDs are installed',
  run: ({facts}) =>
    facts.hasIstioCrds
      ? []
      : [{message: 'Istio CRDs are not installed', hints: ['install Istio in this cluster first']}],
}

const controlPlane: VmCheck = {
  id: 'control-plane',
  about: 'a control plane of the requested revision is running',
  run: ({facts, spec}) => {
    if (!facts.controlPlane) return [missingControlPlane(facts, spec)]
    const {ready, replicas} = facts.controlPlane
    if (ready > 0) return []
    return [
      {
        level: 'warning',
        message: `istiod is not ready (0 of ${replicas} replicas)`,
        hints: [`kubectl -n ${spec.systemNamespace} get pods -l app=istiod`],
      },
    ]
  },
}

const meshConfig: VmCheck = {
  id: 'mesh-config',
  about: 'every value of the mesh config has its type, and machines can use it',
  run: ({facts, spec}) => (facts.controlPlane?.invalid ?? []).map(message => invalidMeshConfig(message, spec)),
}

/** Only the control plane's namespace counts: whoever may write in another one could choose the istiod that machines trust. */
const rootCertificate: VmCheck = {
  id: 'root-certificate',
  about: 'istiod has published its root certificate in its namespace',
  run: ({facts, spec}) =>
    !facts.controlPlane || facts.root !== undefined ? [] : [missingRoot(facts.controlPlane.rootConfigMap, spec)],
}

/** istiod ignores namespaces outside its discovery selectors, and publishes no root certificate there. */
const discovered: VmCheck = {
  id: 'discovered',
  about: 'the namespace matches the discoverySelectors of istiod',
  run: ({facts, spec: {namespace}}) => {
    const selectors = facts.controlPlane?.discoverySelectors ?? []
    if (isDiscovered(selectors, namespaceLabelsOf(facts, namespace))) return []
    const wanted = Object.entries(selectors[0]?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
    return [
      {
        message: `namespace ${namespace} does not match the discoverySelectors of istiod`,
        hints: [
          ...(facts.namespace ? [] : [`kubectl create namespace ${namespace}`]),
          `kubectl label namespace ${namespace} ${wanted.map(shellWord).join(' ') || '…'}`,
        ],
      },
    ]
  },
}

const autoRegistration: VmCheck = {
  id: 'auto-registration',
  about: 'istiod accepts self-registration and probe results of VMs',
  run: subject => [...selfRegistrationFindings(subject), ...probeFindings(subject)],
}

function selfRegistrationFindings(subject: VmSubject): Finding[] {
  const {facts, spec} = subject
  if (!facts.controlPlane || facts.controlPlane.autoRegistration || !registersItself(spec)) return []
  const variable = 'PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION'
  return [
    {
      message: `auto-registration is disabled in istiod (${variable}=false)`,
      hints: [enableHint(subject, variable), 'or specify the address of the VM with --address'],
    },
  ]
}

function probeFindings(subject: VmSubject): Finding[] {
  const {facts, spec} = subject
  if (!facts.controlPlane || facts.controlPlane.healthChecks || !spec.probe) return []
  const variable = 'PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS'
  return [
    {
      level: 'warning',
      message: `istiod ignores the probe results of VMs (${variable}=false)`,
      hints: [enableHint(subject, variable)],
    },
  ]
}

function enableHint({facts, spec}: VmSubject, variable: string): string {
  const revision = facts.controlPlane!.revision
  const deployment = revision === 'default' ? 'istiod' : `istiod-${revision}`
  return `kubectl -n ${spec.systemNamespace} set env deployment/${deployment} ${variable}=true, and set pilot.env.${variable} in the values of your Istio installation`
}

const clusterName: VmCheck = {
  id: 'cluster-name',
  about: 'the cluster name of the VM is the cluster ID of istiod',
  run: ({facts, spec}) => {
    const id = facts.controlPlane?.cluster ?? 'Kubernetes'
    if (!facts.controlPlane || spec.clusterName === undefined || spec.clusterName === id) return []
    return [
      {
        message: `--cluster-name is ${spec.clusterName}, but the cluster ID of istiod is ${id}`,
        hints: ['omit --cluster-name'],
      },
    ]
  },
}

const gateway: VmCheck = {
  id: 'gateway',
  about: 'istiod has an address outside the cluster',
  run: ({facts, spec}) => {
    if (!facts.controlPlane || spec.gatewayAddress !== undefined) return []
    if (appliesGateway(spec, facts)) return foreignGateway(facts)
    const [first] = facts.gateways
    if (!first)
      return [
        {
          message: 'the cluster has no east-west gateway with port 15012, through which the VM connects to istiod',
          hints: ['--gateway creates one', 'or specify another address of istiod with --gateway-address ADDRESS'],
        },
      ]
    if (gatewayAddressesOf(facts).length > 0) return []
    const {name, namespace} = first.metadata
    const describe = `kubectl -n ${namespace} describe service ${name}`
    if (isNodePort(first)) return [nodePortFinding(`${namespace}/${name}`, describe)]
    return [
      {
        message: `gateway ${namespace}/${name} has no external address`,
        hints: [describe, 'or specify an address with --gateway-address ADDRESS'],
      },
    ]
  },
}

/** Our gateway must not replace an object that another owner has created under its name. */
function foreignGateway({shared}: VmSubject['facts']): Finding[] {
  return shared.gatewayObjects
    .filter(object => !shared.membership.owns(object))
    .map(object => ({
      message: `${nameOf(refOf(object))} in namespace ${object.metadata.namespace} has another owner, and does not lead to istiod at port ${istiodPort}`,
      hints: ['specify the address of a gateway that does with --gateway-address ADDRESS'],
    }))
}

/** The port is part of the configuration of every proxy (`discoveryAddress`): a VM cannot use a node port. */
function nodePortFinding(gateway: string, describe: string): Finding {
  return {
    message: `gateway ${gateway} of type NodePort has no external address: VMs connect to istiod at port 15012, and nodes serve another port`,
    hints: [
      `forward port 15012 of a load balancer to the node port (${describe}), and specify its address with --gateway-address ADDRESS`,
      'or use a gateway of type LoadBalancer: kubectl mesh federate --gateway-service-type LoadBalancer',
    ],
  }
}

/** The checks of the control plane that a VM connects to. */
export const controlPlaneChecks: readonly VmCheck[] = [
  istioCrds,
  controlPlane,
  meshConfig,
  rootCertificate,
  discovered,
  autoRegistration,
  clusterName,
  gateway,
]
