import {expect, test} from 'vitest'
import type {Kubeconfig} from '../../../../src/engine/kubeconfig/kubeconfig.ts'
import {goneWarning} from '../../../../src/features/federate/clusters/report-gone.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {member, remoteSecret} from '../../../mesh/samples.ts'

const none: Kubeconfig = {
  files: [],
  currentContext: '',
  clusters: new Map([['c', {file: 'f', value: {server: 'https://hub'} as never}]]),
  users: new Map(),
  contexts: new Map([['hub', {file: 'f', value: {cluster: 'c', user: '', namespace: ''}}]]),
  hidden: [],
}

function holder(name: string, others: readonly string[]) {
  const kubeconfig = (target: string) =>
    remoteKubeconfig({
      target,
      server: `https://${target}`,
      certificateAuthority: undefined,
      tlsServerName: undefined,
      token: 't',
    })
  return member(name, {
    remoteSecrets: [remoteSecret('s', Object.fromEntries(others.map(one => [one, kubeconfig(one)])))],
  })
}

const all = [holder('east', ['west', 'south', 'hub']), holder('west', ['east', 'south', 'north'])]
const command = 'kubectl mesh federate --clusters-from capi://mgmt/fleet'

test('members of the mesh that no source and no kubeconfig has are reported, with the command that removes them', () => {
  expect(goneWarning(all, none, ['capi://mgmt/fleet'], command)).toEqual([
    'warning: north, south are members of the mesh, but not in capi://mgmt/fleet; nothing is removed',
    'hint:    to remove them: kubectl mesh federate remove --clusters-from capi://mgmt/fleet --contexts north,south --from east,west --unreachable-ok',
  ])
})

test('nothing is reported without a source, or if all members are known', () => {
  expect(goneWarning(all, none, [], command)).toEqual([])
  expect(
    goneWarning([holder('east', ['west', 'hub']), holder('west', ['east'])], none, ['capi://a/b'], command),
  ).toEqual([])
})
