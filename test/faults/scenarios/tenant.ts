import {chmod, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {buildLab} from '../../support/binaries.ts'
import {openGround} from '../../support/ground/ground.ts'
import type {Scenario} from '../scenario.ts'

/** `tenant add` and `tenant remove`, with and without a control plane. */
export const tenant: Scenario = {
  name: 'tenant',
  open: async servers => {
    const {bin} = await buildLab('istio')
    const ground = await openGround(servers, {contexts: ['east'], controlPlane: () => false, balancer: false})
    const istioctl = join(ground.folder, 'istioctl')
    await writeFile(istioctl, cachingScript(join(bin, 'istioctl'), ground.folder))
    await chmod(istioctl, 0o755)
    const name = `${ground.namespace}-t`
    const namespaces = [name, `${ground.namespace}-a`, `${ground.namespace}-b`]
    const [{api}] = ground.clusters as [(typeof ground.clusters)[0]]
    // They exist before, because a deleted namespace stays here: there is no controller-manager.
    for (const each of [ground.namespace, ...namespaces])
      await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: each}})
    const add = ['tenant', 'add', name, '--namespaces', namespaces.slice(1).join(','), '--no-wait', '--yes']
    const variants = [
      ['--istioctl', istioctl],
      ['--via', 'none'],
    ].map(flags => ({
      up: [...add, ...flags],
      down: ['tenant', 'remove', name, '--no-wait', '--yes'],
      nothingLeft: /there is no tenant/,
    }))
    return {ground, namespaces, variants, close: ground.close}
  },
}

/** A script that runs istioctl once, because all runs of a scenario render the same control plane. */
function cachingScript(istioctl: string, folder: string): string {
  return `#!/bin/sh
out='${folder}/'$1
if ! test -f "$out"; then '${istioctl}' "$@" > "$out.$$" && mv "$out.$$" "$out" || exit; fi
exec cat "$out"
`
}
