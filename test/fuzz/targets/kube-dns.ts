import {isIP} from 'node:net'
import {isDeepStrictEqual} from 'node:util'
import fc from 'fast-check'
import {putStubDomain, removeStubDomain} from '../../../src/mesh/dns/kube-dns.ts'
import {oddText} from '../../support/odd.ts'
import {mutated} from '../mutate.ts'
import {accepted, must} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {jsonWords} from '../words.ts'

const samples = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom('acme.local', 'global', 'a', '__proto__', 'x.global', 'é'),
      fc.array(fc.ipV4(), {maxLength: 3}),
    ),
    fc.constantFrom(0, 1, 2, '\t'),
    fc.constantFrom('', '\n', '  \n', '\r\n'),
  )
  .map(([domains, indent, end]) => JSON.stringify(domains, undefined, indent) + end)

const servers = fc.array(fc.oneof({weight: 5, arbitrary: fc.ipV4()}, fc.ipV6(), oddText, fc.constant('1.2.3.4:53')), {
  minLength: 1,
  maxLength: 3,
})

/** Edits of the stub domains of kube-dns. */
export const target = defineTarget({
  input: fc.tuple(mutated(samples, jsonWords), servers, servers),
  async check([text, forward, others]) {
    await accepted(() => removeStubDomain(text, forward))
    const after = await accepted(() => putStubDomain(text, forward, []))
    if (after === undefined) return
    const before: Record<string, unknown> = text.trim() === '' ? {} : JSON.parse(text)
    const isNew = !Object.hasOwn(before, 'global')
    const value: Record<string, unknown> = JSON.parse(after)
    must(
      !isNew || forward.every(server => isIP(server.replace(/:\d+$/, '')) > 0 || isIP(server) > 0),
      'a server that is no address is written',
      after,
    )
    must(isDeepStrictEqual(value, {...before, global: forward}), 'another value is changed', before, value)
    must(putStubDomain(after, forward, forward) === after, 'a second edit changes the text again', after)
    if (!isNew) return
    // An empty text is removed.
    const removed = removeStubDomain(after, forward) ?? ''
    must(removed === text, 'the removal does not restore the text', text, after, removed)
    const other = await accepted(() => putStubDomain(after, others, forward))
    if (other !== undefined)
      must((removeStubDomain(other, others) ?? '') === text, 'the removal does not restore the text', other)
  },
})
