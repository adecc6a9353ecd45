/** Fewest letters with which a word is completed: fewer begin words by chance. */
const minPrefix = 3

/**
 * The word most similar to the typed one, if they differ in one letter or in at most a third of the letters. Otherwise the only
 * word that begins with what was typed.
 */
export function closest(typed: string, words: string[]): string | undefined {
  let best: string | undefined
  let least = Math.min(typed.length, Math.max(1, Math.floor(typed.length / 3)) + 1)
  for (const word of words) {
    const distance = editDistance(typed, word)
    if (distance < least) [best, least] = [word, distance]
  }
  if (best !== undefined || typed.length < minPrefix) return best
  const begun = words.filter(word => word.startsWith(typed))
  return begun.length === 1 ? begun[0] : undefined
}

/** Optimal string alignment distance: the number of letters to insert, delete, replace or swap with the next one. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({length: b.length + 1}, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, rows[i - 2]![j - 2]! + 1)
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
