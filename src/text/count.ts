/** A number with its noun in the right form: `1 object`, `2 objects`. The plural must end in `s`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Up to three names, and how many more there are: `a, b, c and 2 more`. */
export function someOf(names: readonly string[], most = 3): string {
  const more = names.length - most
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
