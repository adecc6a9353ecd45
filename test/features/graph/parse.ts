/**
 * Small strict parsers. They accept no more than the renderers may write: anything else is an error, and not corrected as
 * viewers do.
 */

const label = '"(?:[\\p{L}\\p{M}\\p{N} .,:/_…-]|#\\d+;|<br/>)*"'
const statements = [
  'flowchart LR',
  `subgraph n\\d+\\[${label}\\]`,
  'end',
  `[cus]\\d+\\[${label}\\]`,
  `s\\d+\\(\\[${label}\\]\\)`,
  `[cus]\\d+ (<-->|-->|-\\.->)(\\|${label}\\|)? [cus]\\d+`,
  'classDef (warning|broken) stroke:#[0-9a-f]{6},stroke-width:[23]px',
  'class [cus]\\d+(,[cus]\\d+)* (warning|broken)',
  'linkStyle \\d+ stroke:#[0-9a-f]{6}',
].map(pattern => new RegExp(`^${pattern}$`, 'u'))

/** The statements of a flowchart of Mermaid, without the text of labels. */
export function skeletonOfMermaid(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => {
      const statement = line.trim()
      if (!statements.some(pattern => pattern.test(statement))) throw new Error(`not Mermaid: ${statement}`)
      return statement.replace(/"[^"]*"/g, '""')
    })
}

/** The tokens of a file of Graphviz, without the text of quoted strings. */
export function skeletonOfDot(text: string): string[] {
  const tokens = [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"|->|[A-Za-z_][A-Za-z_0-9]*|\d+|[[\]{}=,]|\s+|(.)/gs)]
  return tokens.flatMap(([found, quoted, other]) => {
    if (other !== undefined) throw new Error(`not Graphviz: ${other}`)
    return quoted === undefined ? (found.trim() === '' ? [] : [found]) : ['""']
  })
}
