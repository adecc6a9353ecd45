import {load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {isSmallWhenExpanded} from '../../../src/text/yaml-reading/expansion.ts'

/** Returns a document in which each of `levels` lists contains the previous one `width` times. */
function bomb(levels: number, width: number): unknown {
  const lines = Array.from({length: levels}, (_, level) => {
    const items = Array.from({length: width}, () => (level === 0 ? 'x' : `*a${level - 1}`))
    return `a${level}: &a${level} [${items.join(', ')}]`
  })
  return load(lines.join('\n'))
}

describe('isSmallWhenExpanded', () => {
  test.each<[string, unknown, boolean]>([
    ['a value without aliases', {a: [1, 2, {b: 'c'}]}, true],
    ['a few aliases', load('a: &a [1, 2]\nb: *a\nc: *a'), true],
    ['aliases of aliases', bomb(10, 10), false],
    ['aliases of aliases that would overflow a number', bomb(500, 10), false],
    ['a chain of aliases that is too deep', bomb(600, 1), false],
    ['a chain of aliases', bomb(100, 1), true],
    ['an alias that contains itself', load('&a [1, *a]'), false],
    ['a scalar', 1, true],
    ['a long text', load(`a: &a ${'A'.repeat(500_000)}`), true],
    ['aliases of a long text', load(`a: &a ${'A'.repeat(500_000)}\nb: [*a, *a]`), false],
    ['null', null, true],
  ])('%s', (_, value, expected) => expect(isSmallWhenExpanded(value, 10_000)).toBe(expected))
})
