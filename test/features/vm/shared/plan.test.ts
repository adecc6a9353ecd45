import {describe, expect, test} from 'vitest'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {nameOf} from '../../../../src/engine/kubernetes/object.ts'
import {type SharingFacts, sharedChanges, sharedWithoutFacts} from '../../../../src/features/vm/shared/plan.ts'
import {readRegistration} from '../spec-support.ts'
import {controlPlane, gateway, own, sharingFactsOf} from '../support.ts'

async function changed(raw: object, facts: Partial<SharingFacts>): Promise<string[]> {
  const all = await sharedChanges(readRegistration(raw), undefined, sharingFactsOf(facts), 'east')
  return all.map(change => nameOf(targetOf(change)))
}

const record = 'configmap/kubectl-mesh-vms'
const exposure = ['gateway.networking.istio.io/istiod-gateway', 'virtualservice.networking.istio.io/istiod-vs']
const withoutNetwork = {...controlPlane, network: undefined}

describe('sharedChanges', () => {
  test('nothing in a cluster that exposes istiod', async () => {
    expect(await changed({}, {exposed: true})).toEqual([])
  })

  test('the exposure of istiod, and no gateway without --gateway', async () => {
    expect(await changed({}, {gateways: []})).toEqual([record, ...exposure])
  })

  test('--gateway creates no second gateway, and none for another address', async () => {
    expect(await changed({gateway: true}, {exposed: true})).toEqual([])
    expect(await changed({gateway: true, gatewayAddress: '10.0.0.1'}, {exposed: true, gateways: []})).toEqual([])
  })

  test('a later run applies the gateway that an earlier one has created', async () => {
    const ours = {...gateway, metadata: {...gateway.metadata, ...own}}
    expect(await changed({gateway: true}, {exposed: true, gateways: [ours]})).toContain('service/istio-eastwestgateway')
  })

  test('a VM in another network needs a network of the pods, and what exposes them', async () => {
    const facts = {exposed: true, gateways: [], controlPlane: withoutNetwork}
    const changes = await changed({gateway: true, network: 'far'}, facts)
    expect(changes).toContain('namespace/istio-system')
    expect(changes).toContain('gateway.networking.istio.io/cross-network-gateway')
    const same = await changed({gateway: true}, facts)
    expect(same).not.toContain('namespace/istio-system')
    expect(same).not.toContain('gateway.networking.istio.io/cross-network-gateway')
  })

  test('a network that istiod has gets its label, and no other name', async () => {
    const [edit] = (
      await sharedChanges(readRegistration({gateway: true}), undefined, sharingFactsOf({gateways: []}), 'east')
    ).filter(({action}) => action === 'edit')
    expect(edit).toMatchObject({edits: [{at: 'label', value: 'net-east'}]})
  })
})

test('without a cluster, everything is missing', () => {
  const names = sharedWithoutFacts(readRegistration({gateway: true}), 'east').map(change => nameOf(targetOf(change)))
  expect(names).toContain('deployment.apps/istio-eastwestgateway')
  expect(names).toEqual(expect.arrayContaining(exposure))
})
