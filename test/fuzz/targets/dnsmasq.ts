import fc from 'fast-check'
import {putDnsmasqSection, removeDnsmasqSection} from '../../../src/mesh/dns/dnsmasq.ts'
import {dnsNames, isSafeAnswer} from '../dns-names.ts'
import {mutated} from '../mutate.ts'
import {accepted, must} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {dnsWords} from '../words.ts'

const samples = fc
  .array(
    fc.constantFrom(
      'no-resolv',
      'server=10.0.0.1',
      '# a comment',
      'address=/example.org/1.2.3.4',
      'server=/my.global.org/9.9.9.9',
      'cache-size=1000',
      '',
    ),
    {maxLength: 6},
  )
  .chain(lines => dnsNames.map(names => put(`${lines.join('\n')}\n`, names)))

/** One text in two was edited by an earlier run. */
function put(text: string, names: ReadonlyMap<string, readonly string[]>): string {
  if (names.size % 2 === 0) return text
  try {
    return putDnsmasqSection(text, names)
  } catch {
    return text
  }
}

/** Edits of the configuration of dnsmasq. */
export const target = defineTarget({
  input: fc.tuple(mutated(samples, dnsWords), dnsNames, dnsNames),
  async check([text, names, others]) {
    await accepted(() => removeDnsmasqSection(text))
    const after = await accepted(() => putDnsmasqSection(text, names))
    if (after === undefined) return
    must(isSafeAnswer(names), 'a name or address that is none is written', after)
    must(putDnsmasqSection(after, names) === after, 'a second edit changes the text again', after)
    const removed = removeDnsmasqSection(after)
    must(removeDnsmasqSection(removed) === removed, 'a second removal changes the text again', removed)
    if (removeDnsmasqSection(text) === text)
      must(removed === text, 'the removal does not restore the text', text, after, removed)
    const other = await accepted(() => putDnsmasqSection(after, others))
    if (other !== undefined)
      must(putDnsmasqSection(other, names) === after, 'the names of an earlier run remain', other)
    const expected = [...names].map(([name, addresses]) => `host-record=${[name, ...addresses].join(',')}`)
    const added = linesBeyond(removed, after).filter(line => !line.startsWith('#'))
    must(
      JSON.stringify(added.toSorted()) === JSON.stringify(['local=/global/', ...expected].toSorted()),
      'the section has other lines than expected',
      added,
    )
  },
})

/** The lines of a text that another does not have, as dnsmasq separates lines, without empty ones. */
function linesBeyond(before: string, after: string): string[] {
  const left = before.split(/\r?\n|\r/)
  return after.split(/\r?\n|\r/).filter(line => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0 && line !== ''
  })
}
