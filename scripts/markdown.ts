/** The program's name, as users type it. */
export const program = 'kubectl mesh'

/** At the head of each generated page. */
export const generated = '<!-- Made by `npm run docs` from the sources: change it there. -->'

/** A page from its parts, with an empty line between them. */
export function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`
}

/** A table. Cells may hold `|` and line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** Shell commands, as a block. */
export function shellBlock(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``
}

/** A text as a sentence: a capital letter before, a full stop behind. */
export function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

/** Lines that were broken to fit a terminal as paragraphs; a paragraph with indented lines stays as it is. */
export function flowed(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map(part => (/^\s/m.test(part) ? part : part.replaceAll('\n', ' ')))
    .join('\n\n')
}
