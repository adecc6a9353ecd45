/**
 * Small strict parsers. They accept no more than the renderers may write: anything else is an error, and not corrected as
 * browsers and viewers do.
 */

/** An element of a parsed document, or a text. */
export type Parsed = string | {tag: string; attributes: Record<string, string>; children: Parsed[]}

const name = '[A-Za-z][A-Za-z0-9:-]*'
const attribute = `\\s+(${name})="([^"<]*)"`
const token = new RegExp(`<(${name})((?:${attribute})*)\\s*(/?)>|</(${name})>|([^<>]+)`, 'y')

/** Parses XML without comments, CDATA and processing instructions. In `style` and `script`, text may contain `>`. */
export function parseXml(text: string): Parsed[] {
  // Characters that XML 1.0 forbids.
  const forbidden = /(?![\n\t])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/u.exec(text)
  if (forbidden) throw new Error(`not XML: a character ${forbidden[0].codePointAt(0)}`)
  const root: Parsed[] = []
  const open: {tag: string; children: Parsed[]}[] = [{tag: '', children: root}]
  for (let at = 0; at < text.length; ) {
    const parent = open.at(-1)!
    if (parent.tag === 'style' || parent.tag === 'script') {
      const end = text.indexOf(`</${parent.tag}>`, at)
      if (end < 0 || text.slice(at, end).includes('<')) throw new Error(`<${parent.tag}> is not closed`)
      parent.children.push(text.slice(at, end))
      open.pop()
      at = end + parent.tag.length + 3
      continue
    }
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) throw new Error(`not XML: ${text.slice(at, at + 80)}`)
    at = token.lastIndex
    const [, tag, attributes = '', , , isEmpty, closed, content] = match
    if (content !== undefined) parent.children.push(decode(content))
    else if (closed !== undefined) {
      if (open.length === 1 || parent.tag !== closed) throw new Error(`</${closed}> in <${parent.tag}>`)
      open.pop()
    } else {
      const element = {tag: tag!, attributes: attributesIn(attributes), children: []}
      parent.children.push(element)
      if (isEmpty === '') open.push(element)
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.tag}> is not closed`)
  return root
}

function attributesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(new RegExp(attribute, 'g'))].map(([, key, value]) => [key!, decode(value!)]),
  )
}

/** Only numeric references are written. */
function decode(text: string): string {
  if (/&(?!#\d+;)/.test(text)) throw new Error(`& is not a reference: ${text}`)
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

/** Everything but text and geometry: elements with the names and fixed values of their attributes. */
export function skeletonOfXml(parsed: readonly Parsed[]): string[] {
  return parsed.flatMap(one => {
    if (typeof one === 'string') return []
    const {tag, attributes, children} = one
    const fixed = ['class', 'data-node', 'data-from', 'data-to', 'id', 'content', 'href'].map(
      key => attributes[key] ?? '',
    )
    const code = tag === 'script' || tag === 'style' ? children : []
    return [
      `${tag} ${Object.keys(attributes).join()} ${fixed.join()}`,
      ...code.map(String),
      ...skeletonOfXml(children),
      '/',
    ]
  })
}

/** All text of a document. */
export function textsOf(parsed: readonly Parsed[]): string[] {
  return parsed.flatMap(one => (typeof one === 'string' ? [one] : textsOf(one.children)))
}
