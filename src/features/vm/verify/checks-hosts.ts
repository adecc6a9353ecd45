import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {Finding} from '../../../findings/check.ts'
import {isReadBy} from '../../../istio/revision.ts'
import {matchesSelector} from '../../../istio/selectors.ts'
import {hostObjectOf} from '../facts.ts'
import {holdersElsewhere} from '../istio-hosts.ts'
import {portsIn, type ServicePort, selectorIn} from '../istio-workloads.ts'
import {otherHolder} from '../register/checks-workload.ts'
import {type VerifyCheck, workloadSpecsOf} from './subject.ts'

const selected: VerifyCheck = {
  id: 'selected',
  about: 'the hosts of the VM select it',
  run: subject => {
    const {registration, facts} = subject
    if (!registration) return []
    return registration.hosts.flatMap((host): Finding[] => {
      const {name, namespace, clusterDomain} = registration
      const object = hostObjectOf(facts, host, clusterDomain)
      const hints = [`kubectl mesh vm register ${name} -n ${namespace} … --host ${host}`]
      if (!object) return [{message: `no Service or ServiceEntry defines host ${host}`, hints}]
      const selector = selectorIn(object)
      const isSelecting =
        selector && workloadSpecsOf(subject).every(({labels = {}}) => matchesSelector({matchLabels: selector}, labels))
      if (isSelecting) return []
      return [{message: `${object.kind} ${object.metadata.name} (host ${host}) does not select the VM`, hints}]
    })
  },
}

const onlyHolder: VerifyCheck = {
  id: 'hosts-elsewhere',
  about: 'no other namespace has a ServiceEntry for the hosts of the VM',
  run: ({registration, facts, vm}) =>
    (registration?.hosts ?? []).flatMap(host =>
      holdersElsewhere(host, facts, vm.revision).same.map(entry => otherHolder(host, entry, vm.namespace)),
    ),
}

/** After a canary upgrade, an object with the label of the old revision has no effect. */
const objectsRead: VerifyCheck = {
  id: 'read',
  about: 'the istiod of the revision reads the objects of the VM',
  run: ({facts, vm}) =>
    [...facts.groups, ...facts.entries, ...facts.serviceEntries]
      .filter(object => facts.owns(object) && !isReadBy(object, vm.revision))
      .map(({kind, metadata}) => ({
        message: `${kind} ${metadata.namespace}/${metadata.name} is labelled istio.io/rev=${metadata.labels?.[revisionLabel]}; revision ${vm.revision ?? 'default'} does not read it`,
        hints: [`kubectl mesh vm register ${vm.name} -n ${vm.namespace} removes the label`],
      })),
}

/** Istio maps a port of a host to the port of the same name on the VM, else to its target port, else to the same number. */
const ports: VerifyCheck = {
  id: 'ports',
  about: 'the ports of the hosts lead to ports that the VM serves',
  run: subject => {
    const {registration, facts} = subject
    if (!registration) return []
    const served = workloadSpecsOf(subject).flatMap(workload =>
      Object.keys(workload.ports ?? {}).length > 0 ? [workload.ports!] : [],
    )
    return registration.hosts.flatMap(host => {
      const object = hostObjectOf(facts, host, registration.clusterDomain)
      return (object ? portsIn(object) : []).flatMap(port => portFindings(host, port, served))
    })
  },
}

/** @param served ports by name, for each workload of the VM that lists its ports */
function portFindings(host: string, port: ServicePort, served: readonly Record<string, number>[]): Finding[] {
  const target = port.targetPort ?? port.number
  const lacking = served.find(
    byName => byName[port.name] === undefined && !Object.values(byName).includes(Number(target)),
  )
  if (!lacking) return []
  const existing = Object.entries(lacking).map(([name, number]) => `${name}:${number}`)
  return [
    {
      message: `${host} port ${port.name} (${port.number}) leads to ${target}, but the VM serves ${existing.join(', ')}`,
      hints: ['register the VM again with the same --port names'],
    },
  ]
}

/** The checks of the Services and ServiceEntries of a registered VM. */
export const hostChecks: readonly VerifyCheck[] = [objectsRead, selected, onlyHolder, ports]
