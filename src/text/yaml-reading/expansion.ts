/** Number of values of a parsed document, with every alias replaced by a copy, and the depth of their nesting. */
interface Expansion {
  values: number
  depth: number
}

const endless: Expansion = {values: Number.POSITIVE_INFINITY, depth: Number.POSITIVE_INFINITY}

/** Characters of a text that count as one more value. A kubeconfig repeats certificates, which are decoded for each alias. */
const charactersPerValue = 64

/** A document as deep as this would end recursive functions with a stack overflow when its aliases are followed. */
const maxDepth = 500

/**
 * Returns whether a parsed YAML document is still small after each of its aliases has been replaced by a copy.
 *
 * Threat: in a few hundred bytes, ten levels of ten aliases each represent ten billion values ("billion laughs"), and an
 * alias can refer to a value that contains it. The parser shares the values, but whatever prints or copies the document
 * would exhaust the memory or never end. Aliases of one long text do the same without any depth, so long texts count as several values.
 *
 * @param value the result of the parser
 * @param maxValues the largest number of values
 */
export function isSmallWhenExpanded(value: unknown, maxValues: number): boolean {
  const {values, depth} = expansionOf(value, new Map())
  return values <= maxValues && depth <= maxDepth
}

/** Visits each shared value once: an anchor precedes its aliases, so its size is known when an alias is reached. */
function expansionOf(value: unknown, known: Map<object, Expansion>): Expansion {
  if (typeof value === 'string') return {values: 1 + Math.floor(value.length / charactersPerValue), depth: 0}
  if (typeof value !== 'object' || value === null) return {values: 1, depth: 0}
  const before = known.get(value)
  if (before) return before
  known.set(value, endless)
  const parts = Object.values(value).map(part => expansionOf(part, known))
  const expansion = parts.reduce<Expansion>(
    (sum, part) => ({values: sum.values + part.values, depth: Math.max(sum.depth, part.depth + 1)}),
    {values: 1, depth: 1},
  )
  known.set(value, expansion)
  return expansion
}
