/**
 * Escapes a text for an element or a quoted attribute of XML or HTML. Line breaks and tabs become character references, because
 * attributes normalize them. Characters outside the range that XML 1.0 allows (section 2.2, "Characters") become U+FFFD.
 *
 * Threat: names and messages come from clusters, whose users may not be trusted by whoever opens the file. They must not add
 * markup or scripts.
 */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"'`\n\r\t]/g, character => `&#${character.codePointAt(0)};`)
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD')
}
