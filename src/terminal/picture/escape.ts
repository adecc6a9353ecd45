import {escapeLine} from '../../text/escape-terminal.ts'
import {escapeXml} from '../../text/escape-xml.ts'

/** Escapes a text for a picture or a page: on one line, with control characters visible. */
export function escapeMarkup(text: string): string {
  return escapeXml(escapeLine(text))
}

/** Shortens a text to a number of characters, the last one being `…`. */
export function shorten(text: string, most: number): string {
  const characters = [...escapeLine(text)]
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`
}
