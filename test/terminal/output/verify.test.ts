import {expect, test} from 'vitest'
import {formatVerified, type Verified} from '../../../src/terminal/output/verify.ts'
import {loadYaml} from '../../../src/text/yaml.ts'

const all: Verified[] = [
  {
    title: 'east  (Istio 1.29.2)',
    checks: [
      {id: 'a', about: 'gateway has an address'},
      {id: 'b', about: 'HelloWorld answers', from: 'from east'},
      {id: 'c', about: 'HelloWorld answers', from: 'from west'},
      {id: 'd', about: 'both versions answer', from: 'from east'},
    ],
    findings: [
      {check: 'c', level: 'error', message: 'no answer in 5 s', hints: ['open port 15443']},
      {check: 'd', level: 'warning', message: 'only v1 answers'},
    ],
  },
]

test('checks are listed by group with their results, and counted', () => {
  expect(formatVerified(all, undefined)).toBe(`east  (Istio 1.29.2)
  ✔ gateway has an address
  from east
    ✔ HelloWorld answers
    ‼ only v1 answers
  from west
    ✘ no answer in 5 s
        hint: open port 15443
1 error, 1 warning
`)
  expect(formatVerified([], undefined)).toBe('no errors, no warnings\n')
})

test('JSON and YAML have the same data', () => {
  const data = JSON.parse(formatVerified(all, 'json'))
  expect(data).toMatchObject({verified: [{title: 'east  (Istio 1.29.2)'}], errors: 1, warnings: 1})
  expect(loadYaml(formatVerified(all, 'yaml'))).toEqual(data)
})
