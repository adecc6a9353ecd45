import {constants, crc32, deflateRawSync, gzipSync} from 'node:zlib'

/** A file in an archive. */
export interface Entry {
  name: string
  content: Buffer
  isExecutable?: boolean
}

/**
 * A gzip-compressed tar archive (POSIX ustar). Equal entries give equal bytes: it contains no user and no time of the build.
 *
 * @param time time of all files, in seconds since 1970
 * @throws Error if a name is longer than 100 bytes
 */
export function tarGz(entries: readonly Entry[], time: number): Buffer {
  const blocks = entries.flatMap(entry => [tarHeader(entry, time), entry.content, padding(entry.content.length)])
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), {level: constants.Z_BEST_COMPRESSION})
}

function tarHeader({name, content, isExecutable}: Entry, time: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long for an archive`)
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
  header.write(name)
  octal(isExecutable ? 0o755 : 0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(content.length, 124, 12)
  octal(time, 136, 12)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return header
}

function padding(length: number): Buffer {
  return Buffer.alloc((512 - (length % 512)) % 512)
}

/** A zip archive. Equal entries give equal bytes. */
export function zip(entries: readonly Entry[], time: number): Buffer {
  const parts: Buffer[] = []
  const index: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const packed = deflateRawSync(entry.content, {level: constants.Z_BEST_COMPRESSION})
    const common = zipFields(entry, packed.length, time)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.alloc(2), Buffer.from(entry.name), packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((entry.isExecutable ? 0o100755 : 0o100644) << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    // Made on Unix, so that unpacking keeps the mode.
    index.push(Buffer.from('PK\x01\x02\x14\x03'), common, Buffer.alloc(2), tail, Buffer.from(entry.name))
    parts.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(index)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), end])
}

/** The fields that a local header and the directory share: version, flags, method, time, sums, length of the name. */
function zipFields({name, content}: Entry, packedLength: number, time: number): Buffer {
  const date = new Date(time * 1000)
  const fields = Buffer.alloc(24)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(8, 4)
  fields.writeUInt16LE((date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1), 6)
  fields.writeUInt16LE(((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(), 8)
  fields.writeUInt32LE(crc32(content), 10)
  fields.writeUInt32LE(packedLength, 14)
  fields.writeUInt32LE(content.length, 18)
  fields.writeUInt16LE(Buffer.byteLength(name), 22)
  return fields
}
