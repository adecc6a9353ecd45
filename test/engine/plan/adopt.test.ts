import {describe, expect, test} from 'vitest'
import {asMember} from '../../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {alreadyMatches} from '../../../src/engine/plan/adopt.ts'
import {buildExposure} from '../../../src/mesh/objects-exposure.ts'
import {buildEastWestGateway} from '../../../src/mesh/objects-gateway.ts'
import {buildReader} from '../../../src/mesh/objects-reader.ts'

const me = 'kubectl-mesh'
const exposure = buildExposure({
  cluster: 'east',
  systemNamespace: 'istio-system',
  hosts: [],
  clusterDomain: 'cluster.local',
})[0]!.object
const service = buildEastWestGateway({
  cluster: 'east',
  network: 'n',
  systemNamespace: 'istio-system',
  serviceType: 'LoadBalancer',
}).find(({object}) => object.kind === 'Service')!.object
const role = buildReader('east', 'istio-system', {writesAsLeader: false, readsSecrets: true}).find(
  ({object}) => object.kind === 'ClusterRole',
)!.object

/** Returns an object as created by hand: without our bookkeeping labels, with the fields that the server adds. */
function byHand(object: KubernetesObject, change: (copy: Draft) => void = () => undefined): KubernetesObject {
  const copy = structuredClone(object) as Draft
  delete copy.metadata.labels!['app.kubernetes.io/managed-by']
  delete copy.metadata.labels!['app.kubernetes.io/part-of']
  copy.metadata = {
    ...copy.metadata,
    uid: 'u',
    managedFields: [{manager: 'kubectl-client-side-apply', operation: 'Update'}],
  }
  change(copy)
  return copy
}

interface Draft extends KubernetesObject {
  spec: {servers: {hosts: string[]}[]; ports: {name?: string; port: number; nodePort?: number}[]}
  rules: {verbs: string[]}[]
}

describe('alreadyMatches', () => {
  test.each<[string, KubernetesObject, (copy: Draft) => void, boolean]>([
    ['the sample exposure', exposure, () => undefined, true],
    ['more labels', exposure, copy => Object.assign(copy.metadata.labels!, {team: 'a'}), true],
    ['other hosts', exposure, copy => copy.spec.servers[0]!.hosts.splice(0, 1, '*.global'), false],
    ['more hosts', exposure, copy => copy.spec.servers[0]!.hosts.push('*.global'), false],
    ['one more server', exposure, copy => copy.spec.servers.push(copy.spec.servers[0]!), false],
    [
      'a server with an additional field',
      exposure,
      copy => Object.assign(copy.spec.servers[0]!, {bind: '127.0.0.1'}),
      false,
    ],
    ['no spec', exposure, copy => Reflect.deleteProperty(copy, 'spec'), false],
    [
      'a Service with defaults of the server',
      service,
      copy => {
        Object.assign(copy.spec, {clusterIP: '10.96.0.1', sessionAffinity: 'None'})
        for (const port of copy.spec.ports) port.nodePort = 30_000 + port.port
      },
      true,
    ],
    [
      'a Service without the network label',
      service,
      copy => delete copy.metadata.labels!['topology.istio.io/network'],
      false,
    ],
    ['a Service with another port', service, copy => Object.assign(copy.spec.ports[1]!, {port: 15444}), false],
    ['a Service with one more port', service, copy => copy.spec.ports.push({name: 'more', port: 1}), false],
    ['a Service of another type', service, copy => Object.assign(copy.spec, {type: 'NodePort'}), false],
    ['the same role', role, () => undefined, true],
    ['a role with resourceNames', role, copy => Object.assign(copy.rules[0]!, {resourceNames: ['a']}), false],
    ['a role with fewer verbs', role, copy => copy.rules[0]!.verbs.pop(), false],
  ])('%s: %s', (_, object, change, expected) =>
    expect(alreadyMatches(object, byHand(object, change), me)).toBe(expected),
  )

  test('is false for an object that we own or created, since we keep it up to date', () => {
    const owned = byHand(exposure, copy => copy.metadata.managedFields!.push({manager: me, operation: 'Apply'}))
    expect(alreadyMatches(exposure, owned, me)).toBe(false)
    expect(alreadyMatches(exposure, asMember(byHand(exposure), 'applyset-x-v1'), me)).toBe(false)
  })

  test('does not require our membership label', () =>
    expect(alreadyMatches(asMember(exposure, 'applyset-x-v1'), byHand(exposure), me)).toBe(true))
})
