import {expect, test} from 'vitest'
import {formatHello, readHello, verifiedHello} from '../../../../../src/features/federate/verify/traffic/report.ts'

test('a table of the responses', () => {
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

test('a cluster that is not expected to answer has a dash', () => {
  const columns = [
    {cluster: 'east', version: 'v1'},
    {cluster: 'west', version: 'v2'},
  ]
  const east = {from: 'east', client: 'pod', answered: new Map([['west', 20]]), failed: 0, failure: undefined}
  expect(formatHello([east], columns, 20)).toBe(
    `20 requests from   east (v1)   west (v2)   failed
east               -           20          0
`,
  )
})

test('responses and failures', () => {
  const hello = (pod: string) => `Hello version: v1, instance: ${pod}\n\nHTTP 200\n`
  const {pods, failures} = readHello(
    `${hello('a')}${hello('b')}${hello('a')}\nHTTP 000\nupstream connect error\nHTTP 503\n<html>\nHTTP 200\n`,
  )
  expect([...pods]).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  expect(failures).toEqual(['no response', 'HTTP 503', 'a response that is not from HelloWorld'])
  expect(readHello('')).toEqual({pods: new Map(), failures: []})
})

test('findings: clusters that do not answer, and failed requests', () => {
  const base = {client: 'pod c', failed: 0, failure: undefined}
  const {checks, findings} = verifiedHello([
    {
      ...base,
      from: 'east',
      answered: new Map([
        ['east', 8],
        ['west', 12],
      ]),
    },
    {
      ...base,
      from: 'west',
      answered: new Map([
        ['east', 0],
        ['west', 17],
      ]),
      failed: 3,
      failure: 'HTTP 503',
    },
  ])
  expect(checks.map(({id, about}) => `${id}: ${about}`)).toEqual([
    'traffic-east-east: east answered 8 of 20 requests from east',
    'traffic-east-west: west answered 12 of 20 requests from east',
    'traffic-east: all requests from east succeeded',
    'traffic-west-east: east answered 0 of 20 requests from west',
    'traffic-west-west: west answered 17 of 20 requests from west',
    'traffic-west: all requests from west succeeded',
  ])
  expect(findings.map(({check, cluster, level, message}) => `${check} ${cluster} ${level}: ${message}`)).toEqual([
    'traffic-west-east west error: east answered none of 20 requests from west',
    'traffic-west west error: 3 of 20 requests from west failed (HTTP 503)',
  ])
})
