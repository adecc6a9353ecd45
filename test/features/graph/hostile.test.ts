import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {formatGraph} from '../../../src/features/graph/graph.ts'
import {formatText} from '../../../src/features/graph/report-text.ts'
import {escapeLine} from '../../../src/text/escape-terminal.ts'
import {propertyRuns} from '../../support/property-runs.ts'
import {parseXml, skeletonOfXml, textsOf} from '../../support/xml.ts'
import {skeletonOfDot, skeletonOfMermaid} from './parse.ts'
import {hostileGraph} from './samples.ts'

const payloads = [
  '</text></svg><script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '<!--',
  ']]>',
  '" onload="alert(1)',
  "' onload='alert(1)",
  '&lt;script&gt;',
  '&#60;script&#62;',
  '"]\n  click c0 "javascript:alert(1)"\n  x["',
  '"]; end; subgraph x[',
  '`**bold**`',
  '%%{init: {"securityLevel": "loose"}}%%',
  '#quot;]#60;img#62;',
  '"]; URL="javascript:alert(1)" x [label="',
  '\\',
  '\\"',
  '\\N\\G\\l',
  '"; }\ndigraph x {',
  '\u2028\u202e\ufeff\ufffe\ud800\0\u001b[2J\r\n\t',
  'constructor',
  '__proto__',
]

/** Values that change which boxes and rows exist are not meant here. */
const special = new Set(['', '-', 'other', 'unknown', 'unhealthy'])
const hostile = fc
  .oneof(
    fc.constantFrom(...payloads),
    fc.string({unit: 'binary', minLength: 1, maxLength: 80}),
    fc
      .array(fc.oneof(fc.constantFrom(...payloads, ...'<>"\'&`#;\\[](){}|%-\n'), fc.string()), {minLength: 1})
      .map(all => all.join('')),
  )
  .filter(text => !special.has(text.trim()))

const skeletons = {
  mermaid: skeletonOfMermaid,
  dot: skeletonOfDot,
  svg: (text: string) => skeletonOfXml(parseXml(text)),
  html: (text: string) => skeletonOfXml(parseXml(text.replace(/^<!doctype html>\n/, ''))),
}

describe('no text of a cluster changes the structure of', () => {
  test.each(Object.keys(skeletons) as (keyof typeof skeletons)[])('%s', async format => {
    const skeletonOf = async (text: string) => skeletons[format](await formatGraph(hostileGraph(text), format))
    const expected = await skeletonOf('safe')
    expect(expected.length).toBeGreaterThan(10)
    for (const text of payloads) expect(await skeletonOf(text), JSON.stringify(text)).toEqual(expected)
    await fc.assert(
      fc.asyncProperty(hostile, async text => {
        expect(await skeletonOf(text)).toEqual(expected)
      }),
      // Each layout takes several milliseconds.
      {numRuns: format === 'svg' || format === 'html' ? propertyRuns(100) / 2 : propertyRuns(100)},
    )
  })
})

test('the text of an SVG file is the text of the cluster', async () => {
  for (const text of payloads) {
    const shown = escapeLine(text).replaceAll('\ufffe', '\ufffd')
    expect(textsOf(parseXml(await formatGraph(hostileGraph(text), 'svg'))).join('\n')).toContain(shown.slice(0, 20))
  }
})

test('JSON keeps every text, and a terminal gets no control character', async () => {
  for (const text of payloads) {
    const graph = hostileGraph(text)
    expect(JSON.parse(await formatGraph(graph, 'json'))).toEqual(graph)
    for (const line of formatText(graph, false)) expect(line.text).toBe(escapeLine(line.text))
  }
})
