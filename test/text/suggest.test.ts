import {expect, test} from 'vitest'
import {closest} from '../../src/text/suggest.ts'

test.each([
  ['statsu', ['status', 'remove'], 'status'],
  ['ad', ['add', 'assign'], 'add'],
  ['contxt', ['contexts', 'context'], 'context'],
  ['vn', ['vm', 'ca'], 'vm'],
  ['q', ['n', 'o'], undefined],
  ['', ['n'], undefined],
  ['deploy', ['status'], undefined],
  ['stat', ['status', 'remove', 'rotate'], 'status'],
  ['ver', ['verify', 'version'], undefined],
  ['st', ['status-of-all'], undefined],
])('%s of %j: %s', (typed, words, near) => expect(closest(typed, words)).toBe(near))
