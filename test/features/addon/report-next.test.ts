import {expect, test} from 'vitest'
import {nextSteps} from '../../../src/features/addon/report-next.ts'
import {addonInstallFields, type RawAddonInstall} from '../../../src/features/addon/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'

const kiali = (raw: RawAddonInstall) => ({
  name: 'kiali' as const,
  spec: {...readSpec(addonInstallFields, raw), namespace: 'obs'},
})

test('without Kiali, only what is ready', () => {
  expect(nextSteps([{...kiali({}), name: 'loki'}], true)).toEqual(['loki is ready'])
  expect(nextSteps([{...kiali({}), name: 'loki'}], false)).toEqual([])
})

test('Kiali: how to open it, and what its login needs', () => {
  expect(nextSteps([kiali({auth: 'token'})], false)).toEqual([
    'hint:  next: kubectl mesh addon open kiali --print-token',
  ])
  const openid = {auth: 'openid', openidIssuer: 'https://id', openidClientId: 'k'}
  expect(nextSteps([kiali(openid)], false)[1]).toContain(
    '-n obs create secret generic kiali --from-file=oidc-secret=FILE',
  )
  expect(nextSteps([kiali({})], false)[1]).toContain('Kiali has no login')
})
