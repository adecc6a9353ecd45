import {openGround} from '../../support/ground/ground.ts'
import type {Scenario} from '../scenario.ts'

const contexts = ['--contexts', 'east,west']

/** `federate` with credentials, and `federate remove`. */
export const federate: Scenario = {
  name: 'federate',
  open: async servers => {
    const ground = await openGround(servers)
    const down = ['federate', 'remove', ...contexts, '--system-namespace', ground.namespace, '--yes']
    const up = ['federate', ...ground.all, '--timeout', '5s', '--yes']
    const nothingLeft = /no federation found/
    const variants = [up, [...up, '--credentials', 'bundled']].map(up => ({up, down, nothingLeft}))
    return {ground, namespaces: [ground.namespace], variants, close: ground.close}
  },
}

/** `federate --mode gateways`, and `federate remove`. */
export const gateways: Scenario = {
  name: 'gateways',
  open: async servers => {
    const ground = await openGround(servers)
    const where = [...contexts, '--system-namespace', ground.namespace]
    const up = ['federate', '--mode', 'gateways', ...where, '--timeout', '5s', '--yes']
    const down = ['federate', 'remove', ...where, '--yes']
    const variants = [{up, down, nothingLeft: /no federation found/}]
    return {ground, namespaces: [ground.namespace], variants, close: ground.close}
  },
}
