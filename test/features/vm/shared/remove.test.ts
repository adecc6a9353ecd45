import {describe, expect, test} from 'vitest'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {nameOf} from '../../../../src/engine/kubernetes/object.ts'
import {type LeavingFacts, sharedOutcome, sharedRemovals} from '../../../../src/features/vm/shared/remove.ts'
import {factsOf, gateway, membership, own, workloadEntry, workloadGroup} from '../support.ts'

const vm = {name: 'web', namespace: 'vm', systemNamespace: 'istio-system', revision: undefined}
const parent = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-vms', namespace: 'istio-system'},
  data: {'network-label': 'ours', 'dns-capture': 'default,r1'},
}
const shared = {
  membership: {...membership, parent, objects: [{...gateway, metadata: {...gateway.metadata, ...own}}]},
  groups: [],
}

function leavingFactsOf({shared: use, ...replaced}: Partial<LeavingFacts>): LeavingFacts {
  return {...factsOf(replaced), shared: use ?? {membership, groups: []}}
}

async function removed(facts: Partial<LeavingFacts>): Promise<string[]> {
  const changes = await sharedRemovals('east', leavingFactsOf(facts), vm)
  return changes.map(change => `${change.action} ${nameOf(targetOf(change))}`)
}

describe('with the last VM, its removal', () => {
  test('takes back everything that registrations have created and set', async () => {
    expect(await removed({shared})).toEqual([
      'remove service/istio-eastwestgateway',
      'edit namespace/istio-system',
      'edit configmap/istio',
      'edit configmap/istio-r1',
      'remove configmap/kubectl-mesh-vms',
    ])
  })

  test('does not count the VM itself, and its machines', async () => {
    const group = {...workloadGroup('web'), metadata: {name: 'web', namespace: 'vm', uid: 'g'}}
    const machine = workloadEntry(
      {},
      {name: 'web-1', namespace: 'vm', uid: 'm', annotations: {'istio.io/autoRegistrationGroup': 'web'}},
    )
    const facts = {groups: [group], entries: [machine], shared: {...shared, groups: [group]}}
    expect(await removed(facts)).toHaveLength(5)
    expect(sharedOutcome(leavingFactsOf(facts), vm)).toContain('it was the last VM')
  })
})

describe('everything stays', () => {
  test('while another VM uses it', async () => {
    const facts = {shared, entries: [workloadEntry({})]}
    expect(await removed(facts)).toEqual([])
    expect(sharedOutcome(leavingFactsOf(facts), vm)).toBe(
      'istiod stays exposed, which workloadentry.networking.istio.io/other uses',
    )
  })

  test('while a federation uses it', async () => {
    expect(await removed({shared, isFederated: true})).toEqual([])
  })

  test('without a record', async () => {
    expect(await removed({})).toEqual([])
  })
})
