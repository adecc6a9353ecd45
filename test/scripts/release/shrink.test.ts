import {expect, test} from 'vitest'
import {trimIcu} from '../../../scripts/release/shrink.ts'

const names = [
  'icudt78l/curr/de.res',
  'icudt78l/curr/en.res',
  'icudt78l/ibm-37.cnv',
  'icudt78l/root.res',
  'icudt78l/zone/tl.res',
]

/** A file that contains data of ICU: a header, the table of contents, the names, and 4 bytes for each entry. */
function withIcu(): {file: Buffer; contents: number} {
  const header = Buffer.alloc(16)
  header.writeUInt16LE(16, 0)
  header.writeUInt16BE(0xda27, 2)
  header.write('CmnD', 12)
  const table = Buffer.alloc(4 + 8 * names.length)
  table.writeUInt32LE(names.length, 0)
  const texts = Buffer.from(names.map(name => `${name}\0`).join(''))
  names.forEach((name, index) => {
    table.writeUInt32LE(table.length + texts.indexOf(name), 4 + 8 * index)
    table.writeUInt32LE(table.length + texts.length + 4 * index, 8 + 8 * index)
  })
  const file = Buffer.concat([
    Buffer.from('CmnD is also in code'),
    header,
    table,
    texts,
    Buffer.from('de__en__ibm_rootzone'),
  ])
  return {file, contents: 20 + 16}
}

test('only English and what has no language stays in the data of ICU', () => {
  const {file, contents} = withIcu()
  const size = file.length
  trimIcu(file)
  expect(file.length).toBe(size)
  const left = Array.from({length: file.readUInt32LE(contents)}, (_, index) => {
    const at = contents + file.readUInt32LE(contents + 4 + 8 * index)
    return file.toString('latin1', at, file.indexOf(0, at))
  })
  expect(left).toEqual(['icudt78l/curr/en.res', 'icudt78l/root.res'])
  expect(file.toString('latin1', size - 20)).toBe('\0\0\0\0en__\0\0\0\0rootzone')
})

test('a program without data of ICU is an error', () =>
  expect(() => trimIcu(Buffer.from('CmnD, but no header'))).toThrow('no data of ICU'))
