import {expect, test} from 'vitest'
import type {Apply, Change} from '../../../src/engine/kubernetes/change.ts'
import {type Addon, addonOfRecord, buildAddons} from '../../../src/features/addon/objects.ts'
import {addonInstallFields, type RawAddonInstall} from '../../../src/features/addon/spec.ts'
import type {AddonName} from '../../../src/features/addon/spec-names.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {kialiManifest, objectsOf} from './samples.ts'

const map = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'loki', namespace: 'istio-system'}, data: {}}

function addon(name: AddonName, raw: RawAddonInstall = {}, signingKey?: string): Addon {
  const spec = {...readSpec(addonInstallFields, {...raw, names: [name]}), namespace: 'obs'}
  const manifest = name === 'kiali' ? objectsOf(kialiManifest) : [map]
  return {name, cluster: 'east', spec, manifest, hasJaeger: false, signingKey}
}

const textOf = (change: Change) =>
  change.action === 'apply'
    ? `${change.object.kind}/${change.object.metadata.name} ${change.memberOf?.name ?? '-'}`
    : change.action

test('each add-on has its own record; the namespace is created once, and workloads come last', () => {
  const changes = buildAddons([addon('kiali'), addon('loki')])
  expect(changes.map(textOf)).toEqual([
    'edit',
    'ConfigMap/kubectl-mesh-addon-kiali -',
    'ConfigMap/kiali kubectl-mesh-addon-kiali',
    'ClusterRole/kiali-obs kubectl-mesh-addon-kiali',
    'ClusterRoleBinding/kiali-obs kubectl-mesh-addon-kiali',
    'Deployment/kiali kubectl-mesh-addon-kiali',
    'ConfigMap/kubectl-mesh-addon-loki -',
    'ConfigMap/loki kubectl-mesh-addon-loki',
  ])
  const waves = changes.map(({wave}) => wave)
  expect(Math.max(...waves)).toBe(waves[5])
})

test('the settings in the record contain no local path; the paths are for mesh export', () => {
  const [, record] = buildAddons([addon('kiali', {auth: 'token', from: './istio'})]) as Apply[]
  expect(record!.object.data).toEqual({
    ...{addon: 'kiali', cluster: 'east', namespace: 'obs'},
    ...{settings: expect.any(String), paths: '{"from":"./istio"}'},
  })
  expect(JSON.parse((record!.object.data as {settings: string}).settings)).toEqual({auth: 'token', namespace: 'obs'})
  expect([addonOfRecord(record!.object), addonOfRecord(map)]).toEqual(['kiali', undefined])
})

test('a login has a key for sessions, which a client dry run does not know', () => {
  const keyIn = (signingKey?: string) =>
    buildAddons([addon('kiali', {auth: 'token'}, signingKey)]).find(
      change => change.action === 'apply' && change.object.kind === 'Secret',
    ) as Apply
  expect(keyIn('a2V5').object).toMatchObject({metadata: {name: 'kiali-signing-key'}, data: {key: 'a2V5'}})
  expect(keyIn('a2V5').pending).toBeUndefined()
  expect(keyIn().pending).toBe('the key that signs sessions is created during apply')
})
