import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {Scenario, Stage} from '../scenario.ts'

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

/** `federate remove` of one cluster from a mesh that stays, and of the rest. */
export const remove = removeOf('remove', () => [])

/** The same for a cluster that is lost: its context no longer exists when it is removed from the others. */
export const removeLost = removeOf('remove-lost', ground => [
  ...['--kubeconfig', ground.cluster('east').proxy.kubeconfig, '--unreachable-ok'],
])

/** @param flagsOf flags of the first removal */
function removeOf(name: string, flagsOf: (ground: Ground) => string[]): Scenario {
  return {
    name,
    open: async servers => {
      const ground = await openGround(servers)
      const place = ['--system-namespace', ground.namespace]
      const join = ['federate', ...ground.all, '--timeout', '5s', '--yes']
      const up = ['federate', 'remove', '--contexts', 'west', '--from', 'east', ...place, ...flagsOf(ground), '--yes']
      const down = ['federate', 'remove', ...contexts, ...place, '--yes']
      const variants = [[], ['--credentials', 'bundled'], ['--credential-duration', '2h']].map(flags => ({
        ...{before: [[...join, ...flags]], up, down},
        nothingLeft: /no federation found/,
        upRemoves: true as const,
      }))
      return {ground, namespaces: [ground.namespace], variants, close: ground.close}
    },
  }
}

/** `federate rotate` of all credentials, and `federate remove`. */
export const rotate = rotateOf('rotate', [[], ['--credential-duration', '2h']], {})

/** The same with shared tokens. */
export const rotateBundled = rotateOf('rotate-bundled', [['--credentials', 'bundled']], {withoutRemotes: true})

/** @param joins flags of the join before the rotation, for each variant */
function rotateOf(name: string, joins: string[][], options: Pick<Stage, 'withoutRemotes'>): Scenario {
  return {
    name,
    open: async servers => {
      const ground = await openGround(servers)
      const where = [...contexts, '--system-namespace', ground.namespace]
      const join = ['federate', ...ground.all, '--timeout', '5s', '--yes']
      const up = ['federate', 'rotate', ...where, '--timeout', '5s', '--yes']
      const down = ['federate', 'remove', ...where, '--yes']
      const settled = ['federate', ...ground.all, '--dry-run=server', '--exit-code']
      const variants = joins.map(flags => ({
        ...{before: [[...join, ...flags]], up, settled, down},
        nothingLeft: /no federation found/,
      }))
      return {ground, namespaces: [ground.namespace], variants, ...options, close: ground.close}
    },
  }
}
