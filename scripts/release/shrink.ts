/**
 * Makes a Node.js executable smaller, so that its archive is at most 35 MiB. The same bytes give the same result.
 *
 * - The data of ICU is reduced to English, as with Node.js' build option `--with-intl=small-icu`, and without converters of legacy
 *   encodings, dictionaries for text segmentation, transliteration and spelled-out numbers.
 * - Symbols and section headers of an ELF file are removed, as `strip` does.
 */
export function shrink(program: Buffer): Buffer {
  const copy = Buffer.from(program)
  trimIcu(copy)
  return copy.readUInt32BE(0) === 0x7f454c46 ? withoutSections(copy) : copy
}

/** Folders of ICU's data with one file for each language. */
const byLanguage = /^icudt\d+l\/(?:(?:zone|coll|unit|lang|curr|region|brkitr)\/)?([a-z]{2,3}(?:_\w+)?)\.res$/
const unused = /\.(?:cnv|dict|cfu)$|\/(?:translit|rbnf)\//
const kept = new Set(['root', 'en', 'en_001', 'en_US'])

/**
 * Removes data of ICU from an executable in place: the entries leave the table of contents, and their bytes become zeros.
 *
 * @throws Error if the executable contains no data of ICU
 */
export function trimIcu(program: Buffer): void {
  const start = icuStart(program)
  const count = program.readUInt32LE(start)
  const entries = Array.from({length: count}, (_, index) => {
    const at = start + 4 + 8 * index
    const nameAt = start + program.readUInt32LE(at)
    return {
      name: program.toString('latin1', nameAt, program.indexOf(0, nameAt)),
      nameOffset: program.readUInt32LE(at),
      offset: program.readUInt32LE(at + 4),
      end: index + 1 < count ? program.readUInt32LE(at + 12) : undefined,
    }
  })
  let left = 0
  for (const {name, nameOffset, offset, end} of entries) {
    const language = byLanguage.exec(name)?.[1]
    const isUnused = unused.test(name) || (language !== undefined && !kept.has(language))
    if (isUnused && end !== undefined) program.fill(0, start + offset, start + end)
    if (isUnused) continue
    program.writeUInt32LE(nameOffset, start + 4 + 8 * left)
    program.writeUInt32LE(offset, start + 8 + 8 * left)
    left++
  }
  program.writeUInt32LE(left, start)
}

/** Offset of the table of contents: a header of the format `CmnD` precedes it (ICU, source/common/unicode/udata.h). */
function icuStart(program: Buffer): number {
  for (let at = program.indexOf('CmnD', 12); at >= 0; at = program.indexOf('CmnD', at + 1))
    if (program.readUInt16BE(at - 10) === 0xda27) return at - 12 + program.readUInt16LE(at - 12)
  throw new Error('the executable contains no data of ICU')
}

/** Cuts a 64-bit little-endian ELF file after its last segment. Programs run without sections. */
function withoutSections(elf: Buffer): Buffer {
  const headers = Number(elf.readBigUInt64LE(32))
  const ends = Array.from({length: elf.readUInt16LE(56)}, (_, index) => {
    const header = headers + index * elf.readUInt16LE(54)
    return Number(elf.readBigUInt64LE(header + 8) + elf.readBigUInt64LE(header + 32))
  })
  elf.writeBigUInt64LE(0n, 40)
  elf.writeUInt16LE(0, 60)
  elf.writeUInt16LE(0, 62)
  return elf.subarray(0, Math.max(...ends))
}
