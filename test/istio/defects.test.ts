import {expect, test} from 'vitest'
import {knownDefects} from '../../src/istio/defects.ts'

test.each([
  ['1.27.9', [57269]],
  ['1.28.0', []],
  ['1.29.6', []],
  ['1.30.0', [60612, 60920, 61043]],
  ['v1.30.2-distroless', [60612, 60920, 61043]],
  ['1.30.3', [60920, 61043]],
  ['1.30.4', []],
  ['1.31.0', []],
  ['latest', []],
  [undefined, []],
])('version %s has the defects %j', (version, issues) => {
  expect(knownDefects(version).map(({issue}) => issue)).toEqual(issues)
})
