import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, openGateways} from '../service/support.ts'

const servers = sharedServers()
const names = ['east', 'west', 'north', 'south', 'gone']

describe.skipIf(!servers)('a cluster that is lost', () => {
  let five: RunningServers
  beforeAll(async () => {
    five = await startServers(names)
  })
  afterAll(() => five?.stop())

  /** The kubeconfigs without that of the lost cluster. */
  const without = (ground: Ground, lost: string) => ({
    KUBECONFIG: ground.env.KUBECONFIG.split(':')
      .filter(file => file !== ground.cluster(lost).proxy.kubeconfig)
      .join(':'),
  })

  it('one of five: status shows what refers to it, and one command removes it from the other four', async () => {
    const ground = await openGround(five, {contexts: names})
    try {
      expect((await ground.federate(['--yes'])).code).toBe(0)
      ground.cluster('gone').proxy.decide = () => 'reset'
      const place = ['--system-namespace', ground.namespace]
      const status = await ground.mesh(['federate', 'status', '--contexts', names.join(','), ...place])
      expect(status.code, status.stderr).toBe(5)
      expect(status.stdout).toMatch(/^gone +not reachable +-/m)
      for (const name of names.slice(0, -1))
        expect(status.stdout).toContain(`${name} (secret/istio-remote-secret-gone, secret/istio-remote-token-gone)`)
      const [, hint = ''] = /kubectl mesh (federate remove .*)$/m.exec(status.stdout) ?? []
      const removed = await ground.mesh([...hint.split(' '), '--yes'], {env: without(ground, 'gone')})
      expect(removed.code, removed.stderr).toBe(0)
      expect(removed.stdout.match(/^(east|west|north|south) +3 +stays$/gm)).toHaveLength(4)
      expect(removed.stdout).toMatch(/^gone +- +not reached: its objects stay$/m)
      for (const {api} of ground.clusters.slice(0, -1)) {
        const {items} = (await api.get<
          {items: {metadata: {name: string}}[]} & {metadata: {name: string}; apiVersion: string; kind: string}
        >(`/api/v1/namespaces/${ground.namespace}/secrets`))!
        expect(items.map(({metadata}) => metadata.name).filter(name => name.endsWith('-gone'))).toEqual([])
      }
      const rest = ['--contexts', names.slice(0, -1).join(','), ...place]
      const after = await ground.mesh(['federate', 'status', ...rest], {env: without(ground, 'gone')})
      expect(after.code, after.stdout).toBe(0)
      expect(after.stdout).not.toContain('gone')
    } finally {
      await ground.close()
    }
  })

  it('in gateways mode its exports are removed too', async () => {
    const ground = await openGateways(servers!)
    try {
      const [lost, left] = ground.clusters
      for (const {api} of ground.clusters) await deployHello(api, `${ground.namespace}-s`)
      const place = ['--system-namespace', ground.namespace]
      const service = `hello.${ground.namespace}-s`
      const exported = await ground.mesh([
        ...['service', 'export', 'hello', '-n', `${ground.namespace}-s`],
        ...['--contexts', lost!.context, '--to', left!.context, ...place, '--yes'],
      ])
      expect(exported.code, exported.stderr).toBe(0)
      lost!.proxy.decide = () => 'reset'
      const status = await ground.mesh([
        'federate',
        'status',
        '--contexts',
        `${lost!.context},${left!.context}`,
        ...place,
      ])
      expect(status.stdout).toContain(`still referred to by ${left!.cluster} (import of ${service})`)
      const args = ['--contexts', lost!.context, '--from', left!.context, '--unreachable-ok', ...place, '--yes']
      const removed = await ground.mesh(['federate', 'remove', ...args], {env: without(ground, lost!.cluster)})
      expect(removed.code, removed.stderr).toBe(0)
      const again = await ground.mesh([
        'federate',
        'status',
        '--contexts',
        `${lost!.context},${left!.context}`,
        ...place,
      ])
      expect(again.stdout).not.toContain('import of')
    } finally {
      await ground.close()
    }
  })
})
