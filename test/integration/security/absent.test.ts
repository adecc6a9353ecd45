import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {openGateways} from '../service/support.ts'

const servers = sharedServers()

// The table in docs/output.md, "Removals".
describe.skipIf(!servers)('removals of what does not exist', () => {
  let ground: Ground
  let team: string
  const at = () => ['--system-namespace', ground.namespace]
  const api = () => ground.cluster('east').api
  const namespaced = () => ['-n', team, ...at()]

  beforeAll(async () => {
    ground = await openGateways(servers!)
    team = `${ground.namespace}-team`
    const admin = await namespaceAdmin(ground.cluster('east'), team)
    admin.close()
  })
  afterAll(() => ground?.close())
  beforeEach(() => ground.reset())

  const commands: [string, (name: string) => string[], RegExp][] = [
    [
      'authz detach',
      name => ['authz', 'detach', name, ...at()],
      /there is no authorizer nope in namespace \S+ of east; existing authorizers: none/,
    ],
    [
      'ingress remove',
      name => ['ingress', 'remove', name, ...namespaced()],
      /there is no gateway nope of .* in namespace \S+ of east; existing gateways .*: none/,
    ],
    [
      'service unexport',
      name => ['service', 'unexport', name, '-n', team, '--contexts', 'west', '--to', 'east', ...at()],
      /there is no import of Service \S+\/nope from west in east; existing imports: none/,
    ],
    [
      'vm remove',
      name => ['vm', 'remove', name, ...namespaced()],
      /there is no registration of VM nope in namespace \S+ of east; existing WorkloadGroups: none/,
    ],
    ['tenant remove', name => ['tenant', 'remove', name], /there is no tenant nope in east; existing tenants: /],
    [
      'tenant assign --remove',
      name => ['tenant', 'assign', name, 'app', '--remove'],
      /there is no tenant nope in east; existing tenants: /,
    ],
  ]

  it.each(commands)('%s ends with 0 and names what exists', async (_name, args, message) => {
    const {code, stderr} = await ground.mesh([...args('nope'), '--yes'])
    expect({code, stderr}).toEqual({code: 0, stderr: expect.stringMatching(message)})
    expect(ground.writes()).toEqual([])
  })

  it.each(commands)('%s guesses no name', async (_name, args) => {
    const {code} = await ground.mesh([...args('nope').filter(word => word !== 'nope'), '--yes'])
    expect(code).toBe(2)
    expect(ground.writes()).toEqual([])
  })

  it('federate remove ends with 3, because a credential may remain', async () => {
    const where = ['--contexts', 'west', '--from', 'east', '--system-namespace', team]
    expect(await ground.mesh(['federate', 'remove', ...where, '--yes'])).toMatchObject({code: 3})
  })

  const networking = 'networking.istio.io/v1'
  const spec = {hosts: ['theirs.x.global'], ports: [{number: 80, name: 'http', protocol: 'HTTP'}], resolution: 'NONE'}
  const foreign: [string, () => AnyObject, () => string[]][] = [
    [
      'ingress remove',
      () => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {name: 'theirs', namespace: team},
        spec: {ports: [{port: 80}]},
      }),
      () => ['ingress', 'remove', 'theirs', ...namespaced()],
    ],
    [
      'service unexport',
      () => ({
        apiVersion: networking,
        kind: 'ServiceEntry',
        metadata: {name: 'theirs', namespace: ground.namespace},
        spec,
      }),
      () => ['service', 'unexport', 'theirs', '-n', 'x', '--contexts', 'west', '--to', 'east', ...at()],
    ],
    [
      'vm remove',
      () => ({
        apiVersion: networking,
        kind: 'WorkloadGroup',
        metadata: {name: 'theirs', namespace: team},
        spec: {template: {serviceAccount: 'default'}},
      }),
      () => ['vm', 'remove', 'theirs', ...namespaced()],
    ],
  ]

  it.each(foreign)('%s refuses an object of another owner with 3', async (_name, object, args) => {
    await api().apply(object())
    ground.reset()
    const {code, stderr} = await ground.mesh([...args(), '--yes'])
    expect(code, stderr).toBe(3)
    expect(ground.writes()).toEqual([])
  })
})
