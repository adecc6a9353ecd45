import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  corefileMark,
  hasReload,
  putGlobalBlock,
  readCorefile,
  removeGlobalBlock,
} from '../../../src/mesh/dns/corefile.ts'
import {corefile} from './corefiles.ts'

const kubeadm = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`
const names = new Map([
  ['helloworld.sample.global', ['240.241.0.1']],
  ['a.b.global', ['240.241.0.2', '2001:db8::1']],
])

const someNames = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,6}\.[a-z]{1,6}\.global$/), {maxLength: 3})
  .map(hosts => new Map(hosts.map((host, at): [string, string[]] => [host, [`240.241.0.${at + 1}`]])))

describe('any Corefile that CoreDNS takes', () => {
  test('keeps every byte; only our block comes, changes and goes', () => {
    fc.assert(
      fc.property(corefile, someNames, someNames, (text, one, other) => {
        const before = readCorefile(text)
        const put = putGlobalBlock(text, one)
        expect(put.startsWith(text)).toBe(true)
        const blocks = readCorefile(put)
        expect(blocks.slice(0, -1)).toEqual(before)
        expect(blocks.at(-1)).toMatchObject({kind: 'server', keys: ['global:53']})
        expect(putGlobalBlock(put, one)).toBe(put)
        const changed = putGlobalBlock(put, other)
        expect(changed).toBe(putGlobalBlock(text, other))
        expect(removeGlobalBlock(changed)).toBe(text)
      }),
      {numRuns: 400},
    )
  })

  test('also when someone has put a server behind our block, or before it', () => {
    fc.assert(
      fc.property(corefile, corefile, someNames, (first, last, one) => {
        const text = first === '' || first.endsWith('\n') ? first : `${first}\n`
        const behind = last.replace('\uFEFF', '')
        const put = putGlobalBlock(text, new Map()) + behind
        expect(putGlobalBlock(put, one)).toBe(putGlobalBlock(text, one) + behind)
        expect(removeGlobalBlock(put)).toBe(text + behind)
      }),
      {numRuns: 200},
    )
  })

  test('without our block there is nothing to take out', () => {
    fc.assert(
      fc.property(corefile, text => {
        expect(removeGlobalBlock(text)).toBe(text)
      }),
    )
  })
})

test('the block as CoreDNS 1.15 was seen to answer by it', () => {
  expect(putGlobalBlock('', names)).toBe(`global:53 {
    ${corefileMark}
    errors
    template IN A global {
        match ^(a[.]b[.]global)[.]$
        answer "{{ .Name }} 30 IN A 240.241.0.2"
        fallthrough
    }
    template IN AAAA global {
        match ^(a[.]b[.]global)[.]$
        answer "{{ .Name }} 30 IN AAAA 2001:db8::1"
        fallthrough
    }
    template IN A global {
        match ^(helloworld[.]sample[.]global)[.]$
        answer "{{ .Name }} 30 IN A 240.241.0.1"
        fallthrough
    }
    template ANY ANY global {
        match ^(a[.]b[.]global|helloworld[.]sample[.]global)[.]$
        rcode NOERROR
        fallthrough
    }
    template ANY ANY global {
        rcode NXDOMAIN
    }
}
`)
})

test("kubeadm's own", () => {
  expect(readCorefile(kubeadm)).toMatchObject([{kind: 'server', keys: ['.:53'], at: 0, end: kubeadm.length - 1}])
  expect(hasReload(kubeadm)).toBe(true)
  expect(hasReload(kubeadm.replace('    reload\n', '    # reload\n'))).toBe(false)
  expect(removeGlobalBlock(putGlobalBlock(kubeadm, names))).toBe(kubeadm)
})

test.each([
  ['"a\\"b" {\n}\n', ['a"b']],
  ['"a\\b\\\\" {\n}\n', ['a\\b\\\\']],
  ['"a\nb" c {\n}\n', ['a\nb', 'c']],
  ['\uFEFF.:53 {\n}\n', ['.:53']],
  ['x \uFEFFy {\n}\n', ['x', '\uFEFFy']],
  ['x#y z {\n}\n', ['x', 'z']],
  ['x\ry,\n# between\nz {\n}\n', ['xy', 'z']],
])('words as CoreDNS reads them: %j', (text, keys) => {
  expect(readCorefile(text)).toMatchObject([{kind: 'server', keys}])
})

test('import is a word like others where it does not begin a line', () => {
  expect(readCorefile('.:53 {\n} import {\n}\n')).toMatchObject([{keys: ['.:53']}, {kind: 'server', keys: ['import']}])
})

describe('what is told and not touched', () => {
  test.each([
    ['a block of others', `${kubeadm}global:53 {\n    forward . 10.0.0.1\n}\n`, /block of others for global/],
    ['the zone without a port', 'global {\n    whoami\n}\n', /block of others for global/],
    ['the zone among others', 'example.org:53, GLOBAL. {\n    whoami\n}\n', /block of others for global/],
    ['by scheme', 'dns://global {\n    whoami\n}\n', /block of others for global/],
    ['one server without braces', '.:53\nwhoami\n', /without braces/],
    ['a brace too few', '.:53 {\n    errors\n', /line 2: a closing brace is missing/],
    ['a brace too many', '.:53 {\n    errors }\n', /line 2: a closing brace has no opening one/],
    [
      'a line behind a quoted line break',
      '.:53 {\n    log "x\ny"\n    errors }\n',
      /line 4: a closing brace has no opening one/,
    ],
    ['an address too few', '.:53, {\n    errors\n}\n', /an address is missing/],
    ['an open quote', '.:53 {\n    log "x\n}\n', /line 2: a quote is not closed/],
    ['a snippet without braces', '(snip)\nerrors\n', /has no braces/],
    ['an import of nothing', 'import\n', /names no file/],
  ])('%s', (_, text, message) => {
    expect(() => putGlobalBlock(text, names)).toThrow(message)
  })

  test('another port or zone is no matter of ours', () => {
    const text = 'global:5353 {\n    whoami\n}\nmy.global:53, notglobal {\n    whoami\n}\n'
    expect(putGlobalBlock(text, names).startsWith(text)).toBe(true)
  })
})
