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
    const registerAs = (name: string, ...hosts: string[]) => [
      ...['vm', 'register', name, '-n', namespace, '--system-namespace', ground.namespace, '--yes'],
      ...['--service-account', name, '--gateway-address', '127.0.0.1', '--port', 'http:8080'],
      ...[`${name}.corp.test`, ...hosts].flatMap(host => ['--host', host]),
      ...['--output-dir', join(ground.folder, name)],
    ]
    // It uses what VMs share, which therefore exists before each schedule and stays.
    const {code, stderr} = await ground.mesh(registerAs('other'))
    if (code !== 0) throw new Error(stderr)
    const register = registerAs('web', `web.${namespace}.svc`)
    const variants = [[], ['--address', '10.0.0.5', '--address', '10.0.0.6']].map(flags => ({
      up: [...register, ...flags],
      // Objects of others carry the label of the VM.
      nothingLeft: /has no record, so nothing proves/,
      down: ['vm', 'remove', 'web', '-n', namespace, '--system-namespace', ground.namespace, '--yes'],
    }))
    return {ground, namespaces: [ground.namespace, namespace], variants, close: ground.close}
  },
}
