import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {capiCluster} from '../../../src/engine/cluster-sources/capi.ts'
import {withSourced} from '../../../src/engine/cluster-sources/merge.ts'
import type {FoundCluster} from '../../../src/engine/cluster-sources/read-source.ts'
import {parseClusterSource} from '../../../src/engine/cluster-sources/source.ts'
import {
  contextEntries,
  contextNames,
  contextsOf,
  hasContext,
  loadKubeconfig,
} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {tempFolder} from '../../fuzz/temp-folder.ts'
import {at, capiSecret, kubeconfigOf} from './samples.ts'

const file = join(tempFolder(), 'config')
writeFileSync(file, kubeconfigOf({token: 'mine'}))
const kubeconfig = loadKubeconfig({kubeconfig: file, env: {}})

function found(name: string, text = 'capi://mgmt/fleet', object = `Secret ${name}-kubeconfig`): FoundCluster {
  const source = parseClusterSource(text)!
  const origin = `${object} of ${source.kind}://${source.context}/${source.namespace}`
  return {...capiCluster(capiSecret({token: 'theirs'}), at), name, source, origin}
}

describe('a kubeconfig with the clusters of sources', () => {
  it('has their contexts, and entries that do not mix with those of files', () => {
    const merged = withSourced(kubeconfig, [found('west'), found('north')])
    expect(contextNames(merged)).toEqual(['north', 'west', 'west-admin@west'])
    expect(contextsOf(merged).map(({context, file: from}) => [context, from])).toEqual([
      ['north', 'capi://mgmt/fleet'],
      ['west', 'capi://mgmt/fleet'],
      ['west-admin@west', file],
    ])
    expect(contextEntries(merged, 'west').entries.users.get('west')?.value.token).toBe('theirs')
    expect(contextEntries(merged, 'west-admin@west').entries.users.get('west-admin')?.value.token).toBe('mine')
    expect(hasContext(merged, 'west')).toBe(true)
    expect(merged.currentContext).toBe('west-admin@west')
    expect(() => contextEntries(merged, 'south')).toThrow(`does not exist in ${file}, capi://mgmt/fleet`)
    expect(kubeconfig.sourced).toBeUndefined()
  })

  it('refuses a name that is a context, or in two objects, and names both places', () => {
    expect(() => withSourced(kubeconfig, [found('west-admin@west')])).toThrow(
      `west-admin@west is both Secret west-admin@west-kubeconfig of capi://mgmt/fleet and a context of ${file}`,
    )
    expect(() => withSourced(kubeconfig, [found('west'), found('west', 'argocd://mgmt/argocd', 'Secret a')])).toThrow(
      'west is both Secret a of argocd://mgmt/argocd and Secret west-kubeconfig of capi://mgmt/fleet',
    )
    const once = withSourced(kubeconfig, [found('west')])
    expect(() => withSourced(once, [found('west', 'argocd://mgmt/argocd', 'Secret a')])).toThrow(
      'west is both Secret a of argocd://mgmt/argocd and Secret west-kubeconfig of capi://mgmt/fleet',
    )
  })

  it('has an object once that two selectors choose', () => {
    const once = withSourced(kubeconfig, [found('west'), found('west', 'capi://mgmt/fleet?env=prod')])
    expect(contextNames(withSourced(once, [found('west', 'capi://mgmt/fleet?a=b')]))).toEqual([
      'west',
      'west-admin@west',
    ])
  })
})
