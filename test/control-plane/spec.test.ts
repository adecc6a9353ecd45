import {expect, test} from 'vitest'
import {renderFields} from '../../src/control-plane/spec.ts'

test.each([
  ['a path with a comma', 'values.a=1,2', ['values.a=1,2']],
  ['several values', ['a=1', 'b=2'], ['a=1', 'b=2']],
  ['a number of a mesh file', [1], ['1']],
])('--set: %s', (_, raw, expected) => {
  const values = renderFields.set.parse(raw)
  expect(values).toEqual(expected)
  expect(renderFields.set.format?.(values)).toEqual(expected)
})

test.each([
  ['istio/istiod', true],
  ['oci://registry.example/istiod', true],
  ['--repo', false],
  ['', false],
])('--chart=%s is accepted: %s', (chart, accepted) => {
  const parse = () => renderFields.chart.parse(chart)
  if (accepted) expect(parse()).toBe(chart)
  else expect(parse).toThrow()
})
