import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {minorText, newestIstio, oldestIstio, oldestKubernetes, supportedIstio} from '../../src/istio/versions.ts'

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
