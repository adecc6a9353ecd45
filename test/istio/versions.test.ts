import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {
  minorText,
  newestIstio,
  oldestIstio,
  oldestKubernetes,
  rewriteEffectOf,
  supportedIstio,
} from '../../src/istio/versions.ts'

test('no minor version is left out', () => {
  expect(supportedIstio.map(({istio}) => istio)).toEqual(supportedIstio.map((_, index) => oldestIstio + index))
})

test.each([
  [1023, undefined],
  [1024, 1028],
  [1027, 1029],
  [1029, 1030],
  [1031, 1032],
  [1032, 1032],
])('the oldest Kubernetes of Istio %s', (istio, kubernetes) => {
  expect(oldestKubernetes(istio)).toBe(kubernetes)
})

test.each(['README.md', 'docs/compatibility.md'])('%s has the supported range', file => {
  expect(readFileSync(file, 'utf8')).toContain(`${minorText(oldestIstio)}–${minorText(newestIstio)}`)
})

test('docs/compatibility.md has a row for each version', () => {
  const page = readFileSync('docs/compatibility.md', 'utf8')
  for (const {istio, kubernetes} of supportedIstio)
    expect(page).toMatch(new RegExp(`^\\| ${minorText(istio)} \\| ${minorText(kubernetes)} \\|`, 'm'))
})

test.each([
  ['1.24.6', 'gap'],
  ['1.29.6', 'gap'],
  ['1.30.0', 'loss'],
  ['1.30.1-abcdef-Clean', 'loss'],
  ['1.30.3', 'loss'],
  ['1.30.4', 'safe'],
  ['1.30.5-distroless', 'safe'],
  ['1.31.0', 'safe'],
  ['v1.31.0-rc.0', 'safe'],
  ['1.32.1', 'safe'],
  ['2.0.0', 'safe'],
  ['1.31.0-alpha.1', undefined],
  ['1.31-alpha.abc', undefined],
  ['latest', undefined],
  [undefined, undefined],
])('replacing a remote kubeconfig while istiod %s runs: %s', (version, effect) => {
  expect(rewriteEffectOf(version, false)?.effect).toBe(effect)
})

test('in ambient mode, 1.31.0 does not have the fixes of 1.30.4', () => {
  expect(rewriteEffectOf('1.30.4', true)?.effect).toBe('safe')
  expect(rewriteEffectOf('1.31.0', true)?.effect).toBe('loss')
  expect(rewriteEffectOf('1.31.1', true)?.effect).toBe('safe')
})
