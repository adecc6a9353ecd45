import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {corefileMark, putGlobalBlock, removeGlobalBlock} from '../../../../src/mesh/dns/corefile/global-block.ts'
import {readCorefile} from '../../../../src/mesh/dns/corefile/parse.ts'
import {corefile, kubeadm} from './samples.ts'

const names = new Map([
  ['helloworld.sample.global', ['240.241.0.1']],
  ['a.b.global', ['240.241.0.2', '2001:db8::1']],
])

const someNames = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,6}\.[a-z]{1,6}\.global$/), {maxLength: 3})
  .map(hosts => new Map(hosts.map((host, at): [string, string[]] => [host, [`240.241.0.${at + 1}`]])))

describe('in any Corefile that CoreDNS accepts', () => {
  test('only the managed block is added, changed and removed', () => {
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

  test('also if other servers were added before and after it', () => {
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

  test('removing changes nothing without a managed block', () => {
    fc.assert(
      fc.property(corefile, text => {
        expect(removeGlobalBlock(text)).toBe(text)
      }),
    )
  })
})

test('the block, as tested with CoreDNS 1.15', () => {
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

test('the Corefile of kubeadm', () => {
  expect(removeGlobalBlock(putGlobalBlock(kubeadm, names))).toBe(kubeadm)
})

describe('options', () => {
  test('the block has the port of the other servers, also if an earlier run set another', () => {
    const text = putGlobalBlock(kubeadm, names)
    expect(putGlobalBlock(text, names, {port: '8053'})).toBe(putGlobalBlock(kubeadm, names, {port: '8053'}))
    expect(putGlobalBlock('', names, {port: ''})).toMatch(/^global \{\n/)
    expect(removeGlobalBlock(putGlobalBlock(text, names, {port: ''}))).toBe(kubeadm)
  })

  test('any block for the zone is replaced and restored byte for byte', () => {
    const block = fc
      .array(fc.stringMatching(/^[ -~\r]{0,20}$/), {maxLength: 3})
      .map(lines => `global:53 {\n${lines.map(line => `    # ${line}\n`).join('')}    errors\n}`)
    fc.assert(
      fc.property(corefile, block, corefile, someNames, someNames, (first, existing, last, one, other) => {
        const text = `${first === '' || first.endsWith('\n') ? first : `${first}\n`}${existing}\n${last.replace('\uFEFF', '')}`
        const put = putGlobalBlock(text, one, {replace: true})
        expect(readCorefile(put)).toHaveLength(readCorefile(text).length)
        expect(removeGlobalBlock(put)).toBe(text)
        // The next run does not need the option.
        expect(removeGlobalBlock(putGlobalBlock(put, other))).toBe(text)
      }),
      {numRuns: 200},
    )
  })
})

describe('rejects', () => {
  test.each([
    [
      'a server block for the zone that is not managed',
      `${kubeadm}global:53 {\n    forward . 10.0.0.1\n}\n`,
      /server block for global that kubectl-mesh does not manage/,
    ],
    [
      'the zone without a port',
      'global {\n    whoami\n}\n',
      /server block for global that kubectl-mesh does not manage/,
    ],
    [
      'the zone among other addresses',
      'example.org:53, GLOBAL. {\n    whoami\n}\n',
      /server block for global that kubectl-mesh does not manage/,
    ],
    [
      'the zone with a scheme',
      'dns://global {\n    whoami\n}\n',
      /server block for global that kubectl-mesh does not manage/,
    ],
    ['a single server without braces', '.:53\nwhoami\n', /without braces/],
    ['a missing brace', '.:53 {\n    errors\n', /line 2: a closing brace is missing/],
    ['an extra brace', '.:53 {\n    errors }\n', /line 2: a closing brace has no opening brace/],
    [
      'an extra brace after a quoted line break',
      '.:53 {\n    log "x\ny"\n    errors }\n',
      /line 4: a closing brace has no opening brace/,
    ],
    ['a missing address', '.:53, {\n    errors\n}\n', /an address is missing/],
    ['an open quote', '.:53 {\n    log "x\n}\n', /line 2: a quote is not closed/],
    ['a snippet without braces', '(snip)\nerrors\n', /has no braces/],
    ['an import without a file', 'import\n', /import has no argument/],
  ])('%s', (_, text, message) => {
    expect(() => putGlobalBlock(text, names)).toThrow(message)
  })

  test('accepts servers for other ports and zones', () => {
    const text = 'global:5353 {\n    whoami\n}\nmy.global:53, notglobal {\n    whoami\n}\n'
    expect(putGlobalBlock(text, names).startsWith(text)).toBe(true)
  })
})
