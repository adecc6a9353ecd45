import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {TextCheck} from '../../src/spec/field.ts'
import {
  apiServerUrl,
  contextName,
  dnsLabel,
  dnsName,
  gatewayHost,
  ipAddress,
  isLoopback,
  labelValue,
} from '../../src/spec/texts.ts'
import {oddText} from '../support/odd.ts'

const a63 = 'a'.repeat(63)

const cases: [name: string, check: TextCheck, good: string[], bad: string[]][] = [
  [
    'dnsLabel',
    dnsLabel,
    ['a', '0', 'a-b', a63, 'constructor'],
    ['', '-a', 'a-', 'A', 'a.b', 'a_b', `${a63}a`, 'a\n', 'ä', ' a'],
  ],
  [
    'dnsName',
    dnsName,
    ['a', 'a.b', `${a63}.${a63}`, '1.2'],
    ['', '.', 'a.', '.a', 'a..b', '*.a', 'A.b', `${a63}.`.repeat(4)],
  ],
  ['labelValue', labelValue, ['a', 'A.b_c-D', '0755', a63], ['', '.a', 'a-', 'a/b', 'a b', `${a63}a`, 'a\n', 'é']],
  [
    'gatewayHost',
    gatewayHost,
    ['*', 'a.b', '*.a', 'ns/*', 'ns/a.b', './*', '*/a.b', 'ns/*.a'],
    ['', '/', '*.', 'a*', '*a', '**', 'ns/', '/a', 'n.s/a', 'a/b/c', 'a.*', '*.*.a', 'https://a', 'a:80', 'A.b'],
  ],
  [
    'apiServerUrl',
    apiServerUrl,
    [
      'https://h',
      'https://h:6443',
      'https://10.0.0.1/',
      'https://[::1]:6443',
      'https://r.example/k8s/clusters/c-x%20y',
    ],
    [
      ...['', 'h', 'h:6443', 'http://h', 'https:h', 'https:/h', 'https://', 'https:///h', 'https:\\\\h', 'HTTPS//h'],
      ...['https://u@h', 'https://u:p@h', 'https://@h', 'https://h?', 'https://h?a', 'https://h#', 'https://h#a'],
      ...[
        ' https://h',
        'https://h ',
        'https://h\n',
        '\u0001https://h',
        'https://h\u0000',
        'https://h:x',
        'https://h:99999',
      ],
      ...['https://h/%zz', 'https://h/a=https://b', 'https://h/\u2028', 'https://a b', 'https://[::1'],
    ],
  ],
  ['ipAddress', ipAddress, ['10.0.0.1', '::1'], ['', '10.0.0.300', '010.0.0.1', '::g', '10.0.0.1/8', 'fe80::1%eth0']],
  [
    'contextName',
    contextName,
    ['y', 'prod/eu-1', 'my context', 'arn:aws:eks:eu-1:1:cluster/p', 'a=b', "it's", '東京', '-x'],
    ['', 'a\nb', 'a\tb', '\u007f', 'a\u0085b', 'a\u2028b', 'a\u2029b'],
  ],
]

describe.each(cases)('%s', (_, check, good, bad) => {
  test.each(good)('takes %j', text => expect(check(text)).toBeUndefined())
  test.each(bad)('refuses %j', text => expect(check(text)).toMatch(/^is not /))
})

test('what passes as a context is one line in YAML 1.1 too, comments included', () => {
  fc.assert(
    fc.property(oddText, text => {
      fc.pre(contextName(text) === undefined)
      expect(text).not.toMatch(/[\n\r\u0085\u2028\u2029]/)
    }),
  )
})

test('a URL that passes means the same to who reads it strictly', () => {
  const near = fc
    .tuple(fc.constantFrom('https:', 'https:/', 'https://', 'https:///', 'HTTPS://'), oddText)
    .map(([a, b]) => a + b)
  fc.assert(
    fc.property(near, text => {
      fc.pre(apiServerUrl(text) === undefined)
      const {hostname, port, pathname} = new URL(text)
      expect(text.toLowerCase().startsWith('https://')).toBe(true)
      expect(hostname).not.toBe('')
      expect(`${port}${pathname}`).not.toMatch(/\s/)
    }),
  )
})

test.each([
  ['https://127.0.0.1:6443', true],
  ['https://127.9.9.9', true],
  ['https://localhost:1', true],
  ['https://LOCALHOST.:1', true],
  ['https://a.localhost', true],
  ['https://[::1]:1', true],
  ['https://[::]:1', true],
  ['https://[0:0:0:0:0:0:0:1]', true],
  ['https://[::ffff:127.0.0.1]', true],
  ['https://0.0.0.0', true],
  ['https://2130706433', true],
  ['https://10.0.0.1', false],
  ['https://localhost.example', false],
  ['https://mylocalhost', false],
  ['https://[2001:db8::1]', false],
  ['https://[::ffff:10.0.0.1]', false],
])('%s is loopback: %s', (url, expected) => expect(isLoopback(url)).toBe(expected))
