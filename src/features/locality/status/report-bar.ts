const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/**
 * A bar whose length shows a value relative to the largest one: `█████▌`. Values above 0 give at least a thin line.
 *
 * @param width of the largest value, in characters
 */
export function formatBar(value: number, largest: number, width = 20): string {
  if (value <= 0 || largest <= 0) return ''
  const units = Math.max(1, Math.round((value / largest) * width * 8))
  return '█'.repeat(Math.floor(units / 8)) + eighths[units % 8]
}
