import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {
  ambientSupportOf,
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
  [1029, 1031],
  [1031, 1032],
  [1032, 1033],
  [1033, 1033],
])('the oldest Kubernetes of Istio %s', (istio, kubernetes) => {
  expect(oldestKubernetes(istio)).toBe(kubernetes)
})

test.each(['README.md', 'docs/compatibility.md'])('%s has the supported range', file => {
  expect(readFileSync(file, 'utf8')).toContain(`${minorText(oldestIstio)}–${minorText(newestIstio)}`)
})

test('no range of Kubernetes versions is empty, and none starts before that of the version before it', () => {
  for (const [at, {kubernetes}] of supportedIstio.entries()) {
    expect(kubernetes[0]).toBeGreaterThanOrEqual(supportedIstio[at - 1]?.kubernetes[0] ?? 0)
    expect(kubernetes[1] ?? Infinity).toBeGreaterThan(kubernetes[0])
  }
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

test.each([
  ['1.26.8', 'none'],
  ['1.27.0', 'alpha'],
  ['v1.28.4-distroless', 'alpha'],
  ['1.29.0', 'leaks'],
  ['1.30.3', 'leaks'],
  ['1.30.4', 'beta'],
  ['1.31.0', 'leaks'],
  ['1.31.1', 'beta'],
  ['1.32.0', 'beta'],
  ['latest', 'beta'],
  [undefined, 'beta'],
])('ambient mode over several networks in Istio %s: %s', (version, support) => {
  expect(ambientSupportOf(version)).toBe(support)
})
