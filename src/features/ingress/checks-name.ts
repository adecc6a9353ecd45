import {creatorOf} from '../../engine/kubernetes/manager.ts'
import {count, someOf} from '../../text/count.ts'
import {type IngressCheck, isGatewayPod} from './checks-subject.ts'
import {ingressLabels} from './objects.ts'
import {activePods} from './placement.ts'

/** Checks that no workload or Service of another owner has the name of the gateway. */
export const nameFree: IngressCheck = {
  id: 'name',
  about: 'no gateway of another owner has this name in the namespace',
  run: ({spec, facts, isOurs}) => {
    const foreign = facts.existing.filter(object => !isOurs(object))
    return foreign.map(object => ({
      message: `${object.kind} ${spec.namespace}/${spec.name} already exists, created by ${creatorOf(object)}`,
      hints: [
        'choose another NAME or another namespace',
        'kubectl mesh ingress tls also works with gateways that other tools created',
      ],
    }))
  },
}

/** Checks that no other pod has the label by which Istio Gateways, in every namespace, select this gateway. */
export const labelUnique: IngressCheck = {
  id: 'label',
  about: 'no other pod has the istio label of the gateway',
  run: ({spec, facts}) => {
    const {istio} = ingressLabels(spec.name)
    const others = activePods(facts.pods).filter(pod => pod.labels.istio === istio && !isGatewayPod(pod, spec))
    if (others.length === 0) return []
    const names = someOf(others.map(({namespace, name}) => `${namespace}/${name}`))
    return [
      {
        level: 'warning',
        message: `label istio=${istio} is also set on ${count(others.length, 'other pod')} (${names}); Istio Gateways that select it apply there too`,
        hints: ['choose another NAME; the label is derived from it'],
      },
    ]
  },
}
