import {isDeepStrictEqual} from 'node:util'
import fc from 'fast-check'
import {
  readSharedRecord,
  sharedAnnotation,
  sharedRecordText,
} from '../../../src/features/service/ambient/objects-record.ts'
import {mutated} from '../mutate.ts'
import {must, mustBePrintable} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {jsonWords} from '../words.ts'

const samples = fc
  .record({
    with: fc.array(fc.constantFrom('east', 'west', 'a-1', '__proto__', 'A', 'é', ''), {minLength: 1, maxLength: 4}),
    former: fc.option(fc.constantFrom('true', 'false', '', 'a b'), {nil: undefined}),
    byLabel: fc.option(fc.boolean(), {nil: undefined}),
  })
  .map(record => JSON.stringify(record))

const read = (text: string) =>
  readSharedRecord({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: 'a', namespace: 'b', annotations: {[sharedAnnotation]: text}},
  })

/** The record of a Service that is shared in ambient mode: an annotation that whoever can write the Service can write. */
export const target = defineTarget({
  input: mutated(samples, [...jsonWords, '"with"', '"former"', '"byLabel"', 'east']),
  async check(text) {
    const record = read(text)
    if (record === undefined) return
    const {with: clusters, former, byLabel} = record
    must(clusters.length > 0, 'a record without clusters', text)
    must(
      clusters.every(name => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)),
      'a cluster with another name than a DNS label',
      clusters,
    )
    must(isDeepStrictEqual(clusters, [...new Set(clusters)].sort()), 'clusters are not sorted or unique', clusters)
    must(
      former === undefined || /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(former),
      'a former value that is no value of a label',
      former,
    )
    must(byLabel === undefined || byLabel === true, 'another value of byLabel', byLabel)
    for (const one of clusters) mustBePrintable(one)
    const again = read(sharedRecordText(record))
    must(isDeepStrictEqual(again, record), 'the text of a record is read as another one', record, again)
  },
})
