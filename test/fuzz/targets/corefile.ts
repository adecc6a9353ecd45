import fc from 'fast-check'
import {putGlobalBlock, removeGlobalBlock} from '../../../src/mesh/dns/corefile/global-block.ts'
import {hasReload, readCorefile} from '../../../src/mesh/dns/corefile/parse.ts'
import {corefile, kubeadm} from '../../mesh/dns/corefile/samples.ts'
import {dnsNames, isSafeAnswer} from '../dns-names.ts'
import {mutated} from '../mutate.ts'
import {accepted, must} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {dnsWords} from '../words.ts'

const samples = fc.oneof(fc.constant(kubeadm), corefile, fc.tuple(corefile, dnsNames).map(put))

/** A Corefile that an earlier run edited. */
function put([text, names]: [string, ReadonlyMap<string, readonly string[]>]): string {
  try {
    return putGlobalBlock(text, names)
  } catch {
    return text
  }
}

type Block = ReturnType<typeof readCorefile>[number]

/** Marks the managed block. */
const mark = '# written by kubectl mesh: what is changed here is lost on its next run'

/** Lines of the managed block, of which each name and address adds some. */
const lines = [
  /^global:53 \{$/,
  /^ {4}# written by kubectl mesh: what is changed here is lost on its next run$/,
  /^ {4}errors$/,
  /^ {4}template (IN A|IN AAAA|ANY ANY) global \{$/,
  /^ {8}match \^\(([a-z0-9-]+\[\.\][a-z0-9-]+\[\.\]global\|?)+\)\[\.\]\$$/,
  /^ {8}answer "\{\{ \.Name \}\} 30 IN (A|AAAA) [0-9a-f.:]+"$/,
  /^ {8}(fallthrough|rcode (NOERROR|NXDOMAIN))$/,
  /^ {4}\}$/,
  /^\}$/,
]

/** Edits of the Corefile of CoreDNS. */
export const target = defineTarget({
  input: fc.tuple(mutated(samples, dnsWords), dnsNames, dnsNames),
  async check([text, names, others]) {
    await accepted(() => hasReload(text))
    await accepted(() => removeGlobalBlock(text))
    const after = await accepted(() => putGlobalBlock(text, names))
    if (after === undefined) return
    must(isSafeAnswer(names), 'a name or address that is none is written', after)
    must(putGlobalBlock(after, names) === after, 'a second edit changes the text again', after)
    const removed = removeGlobalBlock(after)
    must(removeGlobalBlock(removed) === removed, 'a second removal changes the text again', removed)
    const isNew = removeGlobalBlock(text) === text
    if (isNew) must(removed === text, 'the removal does not restore the text', text, after, removed)
    const other = await accepted(() => putGlobalBlock(after, others))
    if (other !== undefined) must(putGlobalBlock(other, names) === after, 'the names of an earlier run remain', other)
    mustHaveOneBlock(text, after)
  },
})

function mustHaveOneBlock(before: string, after: string): void {
  // A block of an earlier run may have another port: that of the Corefile then.
  const isManaged = ({keys, at, end}: Block, text: string) =>
    keys.length === 1 && /^(dns:\/\/)?global\.?(:\d+)?$/i.test(keys[0]!) && text.slice(at, end).includes(mark)
  const blocks = readCorefile(after).filter(one => isManaged(one, after))
  must(blocks.length === 1, 'there is not one block for the zone', after)
  const others = (text: string) =>
    readCorefile(text)
      .filter(one => !isManaged(one, text))
      .map(one => one.keys)
  must(JSON.stringify(others(after)) === JSON.stringify(others(before)), 'other blocks are different', before, after)
  const {at, end} = blocks[0]!
  for (const line of after.slice(at, end).split('\n'))
    must(
      lines.some(pattern => pattern.test(line)),
      'a line of the block is not expected',
      line,
      after,
    )
}
