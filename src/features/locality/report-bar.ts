const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar for a share of the largest number: `█████▌`. Something more than nothing shows at least a thin line. */
export function formatBar(value: number, largest: number, width = 20): string {
  if (value <= 0 || largest <= 0) return ''
  const units = Math.max(1, Math.round((value / largest) * width * 8))
  return '█'.repeat(Math.floor(units / 8)) + eighths[units % 8]
}
