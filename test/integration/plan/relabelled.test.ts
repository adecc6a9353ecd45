import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const partOf = 'applyset.kubernetes.io/part-of'

describe.skipIf(!servers)('an object in the record whose label another manager has changed', () => {
  let ground: Ground
  beforeEach(async () => {
    ground = await openGround(servers!)
  })
  afterEach(() => ground?.close())

  it('stays managed, is reported, and is removed with the rest', async () => {
    expect((await ground.federate(['--yes'])).code).toBe(0)
    const {api} = ground.cluster('west')
    const path = `/api/v1/namespaces/${ground.namespace}/services/istio-eastwestgateway`
    const service = (await api.get(path))!
    const labels = {...(service.metadata.labels as object), [partOf]: 'applyset-theirs-v1'}
    await api.replace({...service, metadata: {...service.metadata, labels}}, 'argocd')
    ground.reset()
    const again = await ground.federate(['--yes'])
    expect(again.code, again.stderr).toBe(0)
    const warning = `west: another manager has changed the label ${partOf} of service/istio-eastwestgateway`
    expect(again.stderr).toContain(warning)
    expect(((await api.get(path))!.metadata.labels as Record<string, string>)[partOf]).toBe('applyset-theirs-v1')
    const changed = await ground.federate(['--gateway-service-type', 'NodePort', '--dry-run=server'])
    expect(changed.code, changed.stderr).toBe(0)
    const where = ['--contexts', 'west', '--from', 'east', '--system-namespace', ground.namespace]
    const removed = await ground.mesh(['federate', 'remove', ...where, '--yes'])
    expect(removed.code, removed.stderr).toBe(0)
    expect(await api.get(path)).toBeUndefined()
  })
})
