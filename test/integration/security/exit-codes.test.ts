import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
let count = 0

describe.skipIf(!servers)('a failure after the first write has exit code 4, and the writes are reported', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  it('vm register: the token for the files cannot be requested', async () => {
    ground = await openGround(servers!, {contexts: ['east']})
    const denied = {status: 403, body: {kind: 'Status', message: 'tokens are denied'}}
    ground.cluster('east').proxy.decide = ({url}) => (url.includes('/serviceaccounts/web/token') ? denied : 'pass')
    const {code, stdout, stderr} = await ground.mesh([
      ...['vm', 'register', 'web', '-n', `exit-${process.pid}-${++count}`, '--service-account', 'web'],
      ...['--system-namespace', ground.namespace, '--gateway-address', '127.0.0.1'],
      ...['--output-dir', join(ground.folder, 'bundle'), '--yes'],
    ])
    expect({code}, stdout + stderr).toEqual({code: 4})
    expect(stdout).toMatch(/^workloadgroup\.networking\.istio\.io\/web serverside-applied \(east\)$/m)
    expect(stderr).toMatch(/^error: .*tokens are denied/m)
  })

  it('federate: a cluster answers only the first of its writes', async () => {
    ground = await openGround(servers!)
    let writes = 0
    const denied = {status: 403, body: {kind: 'Status', message: 'no further writes'}}
    ground.cluster('west').proxy.decide = ({method, url}) => {
      const isWrite = method === 'PATCH' && !url.includes('dryRun')
      return isWrite && ++writes > 1 ? denied : 'pass'
    }
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code}, stdout + stderr).toEqual({code: 4})
    expect(stdout).toMatch(/^east .*\n *west /m)
    expect(stderr).toMatch(/^error: west: .*no further writes$/m)
    expect(stderr).toMatch(/^hint: {2}to continue: kubectl mesh federate /m)
  })
})
