import {expect, test} from 'vitest'
import {hasReload, readCorefile} from '../../../../src/mesh/dns/corefile/parse.ts'
import {kubeadm} from './samples.ts'

test('the Corefile of kubeadm has one server', () => {
  expect(readCorefile(kubeadm)).toMatchObject([{kind: 'server', keys: ['.:53'], at: 0, end: kubeadm.length - 1}])
})

test('the plugin reload is found, but not in a comment', () => {
  expect(hasReload(kubeadm)).toBe(true)
  expect(hasReload(kubeadm.replace('    reload\n', '    # reload\n'))).toBe(false)
})

test('kinds of blocks', () => {
  const text = '(snip) {\n  errors\n}\nimport a.conf b.conf\n.:53 {\n  import snip\n}\n'
  expect(readCorefile(text)).toMatchObject([
    {kind: 'snippet', keys: ['(snip)']},
    {kind: 'import', keys: ['a.conf', 'b.conf'], braces: false},
    {kind: 'server', keys: ['.:53'], braces: true},
  ])
})

test.each([
  ['"a\\"b" {\n}\n', ['a"b']],
  ['"a\\b\\\\" {\n}\n', ['a\\b\\\\']],
  ['"a\nb" c {\n}\n', ['a\nb', 'c']],
  ['\uFEFF.:53 {\n}\n', ['.:53']],
  ['x \uFEFFy {\n}\n', ['x', '\uFEFFy']],
  ['x#y z {\n}\n', ['x', 'z']],
  ['x\ry,\n# between\nz {\n}\n', ['xy', 'z']],
])('keys are read as CoreDNS reads them: %j', (text, keys) => {
  expect(readCorefile(text)).toMatchObject([{kind: 'server', keys}])
})

test('import is an address unless it starts a line', () => {
  expect(readCorefile('.:53 {\n} import {\n}\n')).toMatchObject([{keys: ['.:53']}, {kind: 'server', keys: ['import']}])
})
