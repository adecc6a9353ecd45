import {deployHello, openGateways} from '../../integration/service/support.ts'
import type {Scenario} from '../scenario.ts'

/** `service export` and `service unexport` between clusters that are federated with gateways. */
export const serviceExport: Scenario = {
  name: 'export',
  open: async servers => {
    const ground = await openGateways(servers)
    const namespace = `${ground.namespace}-s`
    for (const {api} of ground.clusters) await deployHello(api, namespace)
    const where = ['-n', namespace, '--system-namespace', ground.namespace, '--yes']
    const variants = [
      ['--contexts', 'east', '--to', 'west'],
      ['--contexts', 'east,west'],
    ].map(clusters => ({
      up: ['service', 'export', 'hello', ...clusters, ...where],
      down: ['service', 'unexport', '--all', ...clusters, ...where],
    }))
    return {ground, namespaces: [ground.namespace, namespace], variants, close: ground.close}
  },
}
