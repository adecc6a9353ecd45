import {join} from 'node:path'
import {openGround} from '../../support/ground/ground.ts'
import type {Scenario} from '../scenario.ts'

/** `vm register` and `vm remove`. */
export const vm: Scenario = {
  name: 'vm',
  open: async servers => {
    const ground = await openGround(servers, {contexts: ['east'], balancer: false})
    const namespace = `${ground.namespace}-v`
    const [{api}] = ground.clusters as [(typeof ground.clusters)[0]]
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    const where = ['web', '-n', namespace, '--system-namespace', ground.namespace, '--yes']
    const register = [
      ...['vm', 'register', ...where, '--service-account', 'web', '--gateway-address', '127.0.0.1'],
      ...['--port', 'http:8080', '--host', 'web.corp.test', '--host', `web.${namespace}.svc`],
      ...['--output-dir', join(ground.folder, 'bundle')],
    ]
    const variants = [[], ['--address', '10.0.0.5', '--address', '10.0.0.6']].map(flags => ({
      up: [...register, ...flags],
      down: ['vm', 'remove', ...where],
      leaves: /istiod-gateway|istiod-vs|istiod-dr/,
    }))
    return {ground, namespaces: [ground.namespace, namespace], variants, close: ground.close}
  },
}
