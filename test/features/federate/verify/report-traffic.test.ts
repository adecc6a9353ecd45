import {expect, test} from 'vitest'
import {formatHello, readHello} from '../../../../src/features/federate/verify/report-traffic.ts'

test('who answered what', () => {
  const columns = [
    {cluster: 'east', version: 'v1'},
    {cluster: 'west', version: 'v2'},
  ]
  const answers = (from: string, east: number, west: number, failed: number) => ({
    from,
    client: 'pod',
    answered: new Map([
      ['east', east],
      ['west', west],
    ]),
    failed,
    failure: undefined,
  })
  expect(formatHello([answers('east', 9, 11, 0), answers('west', 18, 0, 2)], columns, 20)).toBe(
    `20 requests from   east (v1)   west (v2)   failed
east               9           11          0
west               18          0           2
`,
  )
})

test('one that is not to answer has a dash', () => {
  const columns = [
    {cluster: 'east', version: 'v1'},
    {cluster: 'west', version: 'v2'},
  ]
  const east = {from: 'east', client: 'pod', answered: new Map([['west', 20]]), failed: 0, failure: undefined}
  expect(formatHello([east], columns, 20)).toBe(
    `20 requests from   east (v1)   west (v2)   failed
east               –           20          0
`,
  )
})

test('answers and what is none are told apart', () => {
  const hello = (pod: string) => `Hello version: v1, instance: ${pod}\n\nHTTP 200\n`
  const {pods, failures} = readHello(
    `${hello('a')}${hello('b')}${hello('a')}\nHTTP 000\nupstream connect error\nHTTP 503\n<html>\nHTTP 200\n`,
  )
  expect([...pods]).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  expect(failures).toEqual(['no answer', 'HTTP 503', 'an answer that is not HelloWorld'])
  expect(readHello('')).toEqual({pods: new Map(), failures: []})
})
