import {join} from 'node:path'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {RunningServers} from '../../support/servers/servers.ts'
import type {Scenario} from '../scenario.ts'

/** Two clusters with CAs of one folder. No istiod runs, so that a stage is complete as soon as it is written. */
async function openWithCa(servers: Pick<RunningServers, 'kubeconfig' | 'contexts'>) {
  const ground = await openGround(servers, {controlPlane: () => ({env: {ISTIO_MULTIROOT_MESH: 'true'}})})
  const dir = join(ground.folder, 'mesh-ca')
  await succeed(ground, ['ca', 'init', '--dir', dir])
  await succeed(ground, ['federate', ...ground.all, '--timeout', '5s', '--yes', '--ca-dir', dir])
  const scope = ['--dir', dir, '--contexts', 'east,west', '--system-namespace', ground.namespace]
  return {ground, scope}
}

async function succeed(ground: Ground, args: string[]): Promise<void> {
  const {code, stderr} = await ground.mesh(args)
  if (code !== 0) throw new Error(stderr)
}

/** The stages of `ca rotate`, and `ca rotate --revert`. */
export const caRotate: Scenario = {
  name: 'ca-rotate',
  open: async servers => {
    const {ground, scope} = await openWithCa(servers)
    const rotate = (...flags: string[]) => ['ca', 'rotate', ...scope, '--vms-renewed', '--yes', ...flags]
    const [trust, issue, finish] = ['trust', 'issue', 'finish'].map(stage => rotate('--stage', stage)) as [
      string[],
      string[],
      string[],
    ]
    const revert = rotate('--revert')
    const unchanged = (args: string[]) => [...args, '--dry-run=server', '--exit-code']
    const issued = {before: [trust], up: issue, settled: unchanged(issue)}
    const variants = [
      {up: trust, settled: unchanged(trust), down: revert},
      // A second run takes back one stage more.
      {...issued, down: revert, after: [revert]},
      {...issued, needsComplete: true as const, down: finish, after: [unchanged(finish)]},
    ]
    return {ground, namespaces: [ground.namespace], variants, withoutRemotes: true, close: ground.close}
  },
}

/** `ca renew` of all CAs, twice. */
export const caRenew: Scenario = {
  name: 'ca-renew',
  open: async servers => {
    const {ground, scope} = await openWithCa(servers)
    const renew = (within: string) => ['ca', 'renew', ...scope, '--expires-within', within, '--yes']
    const up = renew('876000h')
    const settled = [...renew('0s'), '--dry-run=server', '--exit-code']
    const variants = [{up, settled, down: [...up, '--days', '300'], after: [settled]}]
    return {ground, namespaces: [ground.namespace], variants, close: ground.close}
  },
}
