import {escapeLine} from '../../text/escape-terminal.ts'

/**
 * Escaping for each format. Threat: names and messages come from clusters, whose users may not be trusted by whoever opens
 * the picture. They must not add markup, statements or scripts.
 */

/**
 * For a quoted label of Mermaid. Everything but letters, digits and harmless punctuation is a numeric entity, so that a value
 * can neither end the label nor add HTML, Markdown or directives.
 */
export function escapeMermaid(text: string): string {
  return escapeLine(text).replace(/[^\p{L}\p{M}\p{N} .,:/_…-]/gu, character => `#${character.codePointAt(0)};`)
}

/** For a quoted string of Graphviz. It reads entities and backslash escapes in labels. */
export function escapeDot(text: string): string {
  return escapeLine(text).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
