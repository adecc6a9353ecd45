import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {ecKey, makeCertificate} from '../../pki/support.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {ProgramResult} from '../../support/ground/program.ts'
import {grant, proposedBy, type Rule} from '../../support/ground/rights.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injector} from '../ingress/support.ts'
import {deployHello} from '../service/support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('a user without permissions, on real API servers with RBAC', () => {
  let ground: Ground
  let hello: string
  let count = 0
  beforeAll(async () => {
    ground = await openGround(servers!)
    hello = `${ground.namespace}-s`
    const {webhooks, ...rest} = injector() as AnyObject & {webhooks: {clientConfig: {service: object}}[]}
    for (const {clientConfig} of webhooks) Object.assign(clientConfig.service, {namespace: ground.namespace})
    for (const {api} of ground.clusters) {
      await deployHello(api, hello)
      await api.apply({...rest, webhooks, metadata: {...rest.metadata, name: `istio-injector-${ground.namespace}`}})
    }
    const [{api}] = ground.clusters as [Ground['clusters'][number]]
    for (const region of regions())
      await api.apply({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {name: region, labels: {'topology.kubernetes.io/region': region}},
      })
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: `${hello}-empty`}})
    mkdirSync(join(ground.folder, 'vm'), {mode: 0o700})
    const key = ecKey()
    const extensions = [`subjectAltName=DNS:${host}`]
    writeFileSync(join(ground.folder, 'cert.pem'), makeCertificate({key, subject: '/CN=shop', extensions, days: 90}))
    writeFileSync(join(ground.folder, 'key.pem'), key, {mode: 0o600})
  })
  afterAll(async () => {
    for (const region of ground ? regions() : []) await ground.clusters[0]?.api.delete(`/api/v1/nodes/${region}`)
    await ground?.close()
  })

  const regions = () => ['a', 'b'].map(name => `${name}-${ground.namespace}`)
  const both = ['--contexts', 'east,west']
  const east = ['--context', 'east']
  const place = () => ['--system-namespace', ground.namespace]
  const inHello = () => ['-n', hello, ...east, ...place()]
  const bundle = () => ['--output-dir', join(ground.folder, 'vm')]
  const export_ = () => ['hello', '-n', hello, '--contexts', 'east', '--to', 'west', ...place()]
  const host = 'shop.example.com'
  const certificate = () => ['--cert', join(ground.folder, 'cert.pem'), '--key', join(ground.folder, 'key.pem')]
  const tenant = () => `${ground.namespace}-t`
  const vm = () => ['--service-account', 'web', '--port', 'http:8080', '--gateway-address', '192.0.2.1', ...bundle()]

  // In an order in which each command finds what it needs.
  const commands: [string, () => string[]][] = [
    ['federate', () => [...both, '--mode', 'gateways', ...place()]],
    ['service export', export_],
    ['service list', () => [...both, ...place()]],
    ['service unexport', export_],
    ['federate remove', () => ['--contexts', 'west', '--from', 'east', ...place()]],
    ['federate', () => [...both, '--mode', 'multi-primary', ...ground.flags]],
    ['federate verify', () => [...both, ...place()]],
    ['federate status', () => [...both, ...place()]],
    ['federate remove', () => [...both, ...place()]],
    ['vm register', () => ['web', ...inHello(), ...vm()]],
    ['vm list', () => east],
    ['vm verify', () => ['web', ...inHello(), ...bundle()]],
    ['vm renew', () => ['web', ...inHello(), ...bundle()]],
    ['vm remove', () => ['web', ...inHello()]],
    ['authz attach', () => ['opa', ...inHello(), '--service', 'hello:80', '--to', `namespace/${hello}-empty`]],
    ['authz list', () => [...east, ...place()]],
    ['authz verify', () => ['opa', ...east, ...place()]],
    ['authz detach', () => ['opa', ...east, ...place()]],
    ['ingress deploy', () => ['web', ...inHello(), '--no-wait']],
    ['ingress tls', () => [host, ...inHello(), '--gateway', 'web', ...certificate()]],
    ['ingress tls --list', inHello],
    ['ingress tls --remove', () => [host, ...inHello()]],
    ['ingress remove', () => ['web', ...inHello()]],
    ['locality balance', () => ['hello', ...inHello(), '--failover', regions().join('=')]],
    ['locality status', () => ['hello', ...inHello()]],
    ['tenant add', () => [tenant(), '--via', 'none', ...east, '--namespaces', `${hello}-new`]],
    ['tenant list', () => east],
    ['tenant verify', () => [tenant(), ...east]],
    ['tenant assign', () => [tenant(), hello, ...east]],
    ['tenant remove', () => [tenant(), ...east, '--no-wait']],
    ['ca status', () => [...both, ...place()]],
    ['install status', () => east],
  ]
  const readsOnly = (name: string) => /list|status|verify|renew/.test(name)
  const run = (name: string, args: readonly string[], user?: string) =>
    ground.mesh([
      ...[...name.split(' '), ...args, ...(readsOnly(name) ? [] : ['--yes'])],
      ...(user === undefined ? [] : ['--as', user]),
    ])

  /** Runs a command as a new user, grants exactly what it proposes, and runs it again. */
  async function afterOneGrant(name: string, args: readonly string[], before: Rule[]): Promise<ProgramResult[]> {
    const user = `${ground.namespace}-${++count}`
    const apis = ground.clusters.map(({api}) => api)
    if (before.length > 0) await grant(apis, user, new Map([['', before]]))
    const denied = await run(name, args, user)
    const rules = proposedBy(denied)
    await grant(apis, user, new Map([...rules, ['', [...before, ...(rules.get('') ?? [])]]]))
    return [denied, await run(name, args, user)]
  }

  describe.each(commands)('%s', (name, args) => {
    it.skipIf(readsOnly(name))('of a user who may read everything: one error lists what is missing', async () => {
      const mayRead = [{apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list']}]
      const [denied, granted] = await afterOneGrant(name, [...args(), '--dry-run=server'], mayRead)
      expect(granted, denied!.stderr).toMatchObject({code: 0})
    })

    it('lists all missing permissions at once, and the rules of its hints suffice', async () => {
      const [denied, granted] = await afterOneGrant(name, args(), [])
      expect(denied!.stderr + denied!.stdout).toContain('you may not ')
      expect(granted!.stderr + granted!.stdout).not.toContain('you may not ')
      // Checks may find something else, which an administrator sees too.
      const expected = readsOnly(name) ? (await run(name, args())).code : 0
      expect(granted, granted!.stderr).toMatchObject({code: expected})
    })
  })
})
