import {nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import {isDiscovered} from '../../../istio/selectors.ts'
import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {invalidMeshConfig, missingControlPlane, namespaceLabelsOf} from '../facts.ts'
import {istiodPort} from '../istio-workloads.ts'
import {copyProblems} from '../registration.ts'
import {isRegistered, type VerifyCheck} from './subject.ts'

const registered: VerifyCheck = {
  id: 'registered',
  about: 'the VM is registered in the cluster',
  run: subject => {
    if (isRegistered(subject)) return []
    const {name, namespace} = subject.vm
    return [
      {
        message: `no WorkloadGroup ${namespace}/${name} and no WorkloadEntry of this VM`,
        hints: [`kubectl mesh vm register ${name} -n ${namespace}`, 'kubectl mesh vm list'],
      },
    ]
  },
}

const record: VerifyCheck = {
  id: 'record',
  about: 'the registration is recorded in the system namespace, and no other one contradicts it',
  run: ({facts, vm}) => {
    const {name, namespace, systemNamespace} = vm
    if (facts.membership.parent || !facts.copy) return copyProblems(facts, vm)
    return [
      {
        level: 'warning',
        message: `no registration of ${namespace}/${name} in namespace ${systemNamespace}; the ConfigMap in ${namespace} is not trusted`,
        hints: [
          `kubectl mesh vm register ${name} -n ${namespace} … records it`,
          'or specify the namespace of its control plane with --system-namespace',
        ],
      },
    ]
  },
}

/** Anyone who can write an object can copy a label to it. */
const members: VerifyCheck = {
  id: 'members',
  about: 'the record of the VM lists every object with its label',
  run: ({facts, vm}) =>
    facts.membership.unrecorded.map(object => ({
      level: 'warning',
      message: `${nameOf(refOf(object))}${object.metadata.namespace ? ` in namespace ${object.metadata.namespace}` : ''} carries the label of ${vm.namespace}/${vm.name}, but kubectl mesh did not create it`,
      hints: ['find out who created it; vm remove leaves it alone'],
    })),
}

const controlPlane: VerifyCheck = {
  id: 'control-plane',
  about: 'the control plane is running and watches the namespace of the VM',
  run: ({facts, vm}) => {
    if (!facts.controlPlane) return [missingControlPlane(facts, vm)]
    const name = vm.revision ? `istiod of revision ${vm.revision}` : 'istiod'
    if (facts.controlPlane.ready === 0)
      return [{message: `${name} is not ready`, hints: [`kubectl -n ${vm.systemNamespace} get pods -l app=istiod`]}]
    if (isDiscovered(facts.controlPlane.discoverySelectors, namespaceLabelsOf(facts, vm.namespace))) return []
    return [
      {
        message: `${name} does not watch namespace ${vm.namespace}: the namespace does not match its discoverySelectors`,
        hints: ['add the labels of one of the discoverySelectors to the namespace'],
      },
    ]
  },
}

const meshConfig: VerifyCheck = {
  id: 'mesh-config',
  about: 'machines can use every value of the mesh config',
  run: ({facts, vm}) => (facts.controlPlane?.invalid ?? []).map(message => invalidMeshConfig(message, vm)),
}

const exposed: VerifyCheck = {
  id: 'istiod-exposed',
  about: 'the east-west gateway exposes istiod',
  run: ({facts, vm, registration}) =>
    facts.exposed || registration?.gatewayAddress !== undefined
      ? []
      : [
          {
            message: `no Gateway and VirtualService route port ${istiodPort} to istiod`,
            hints: [`kubectl mesh vm register ${vm.name} -n ${vm.namespace} … creates them`],
          },
        ],
}

const reachable: VerifyCheck = {
  id: 'gateway-reachable',
  about: 'istiod accepts connections at the gateway address, tested from this machine',
  run: ({facts, gateway}) => {
    if (!gateway) {
      const service = facts.gateways[0]?.metadata
      return [
        {
          message: 'the gateway to istiod has no external address',
          hints: [
            service
              ? `kubectl -n ${service.namespace} describe service ${service.name}`
              : 'specify an address with --gateway-address ADDRESS',
          ],
        },
      ]
    }
    if (gateway.tls.reached) return []
    return [
      {
        level: 'warning',
        message: `cannot connect to ${gateway.address}:${istiodPort} from this machine: ${gateway.tls.error}`,
        hints: [
          'the VM may still reach it: test the connection on the VM',
          'or check the firewall and the gateway pods',
        ],
      },
    ]
  },
}

/** The check of the certificate that istiod presents. Meaningful only when the gateway is reachable. */
export const certificate: VerifyCheck = {
  id: 'istiod-certificate',
  about: 'the certificate of istiod is valid for the host name that the VM connects to',
  run: ({gateway, vm}) => {
    if (!gateway?.tls.reached || gateway.tls.trusted) return []
    const {names, error} = gateway.tls
    const server = `${gateway.address}:${istiodPort}`
    const host = istiodHost(vm)
    if (!names.includes(host))
      return [
        {
          message: `the certificate at ${server} is for ${names.join(', ') || 'no host name'}; expected ${host}`,
          hints: [
            'check that this is the address of the gateway of this control plane (--gateway-address, --revision, --system-namespace)',
          ],
        },
      ]
    return [
      {
        message: `the certificate at ${server} is not signed by the root certificate that the cluster publishes: ${error}`,
        hints: [`kubectl mesh vm renew ${vm.name} -n ${vm.namespace} provides the current root certificate`],
      },
    ]
  },
}

/** The checks that need no registration. */
export const controlPlaneChecks: readonly VerifyCheck[] = [
  registered,
  record,
  members,
  controlPlane,
  meshConfig,
  exposed,
  reachable,
  certificate,
]
