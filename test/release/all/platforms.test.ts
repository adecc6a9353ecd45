import {execFileSync} from 'node:child_process'
import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, inject, test} from 'vitest'
import {archiveName, executableName, type Platform, platforms} from '../../../scripts/release/platforms.ts'

const {folder} = inject('release') ?? {folder: ''}

/** The executable in the archive of a platform. */
function programOf(platform: Platform): Buffer {
  const archive = join(folder, archiveName(platform))
  const name = executableName(platform)
  const unzip = `import sys,zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))`
  const words = platform.os === 'windows' ? ['python3', '-c', unzip, archive, name] : ['tar', '-xzOf', archive, name]
  return execFileSync(words[0]!, words.slice(1), {maxBuffer: 2 ** 30})
}

/** Operating system and processor in the header of an executable: ELF, Mach-O or PE. */
function machineOf(program: Buffer): string {
  if (program.readUInt32BE(0) === 0x7f454c46) return `linux-${machines[program.readUInt16LE(18)]}`
  if (program.readUInt32LE(0) === 0xfeedfacf) return `darwin-${machines[program.readUInt32LE(4)]}`
  return `windows-${machines[program.readUInt16LE(program.readUInt32LE(0x3c) + 4)]}`
}

/** Numbers of processors: of ELF (62, 183), of Mach-O and of PE. */
const machines: Readonly<Record<number, string>> = {
  62: 'amd64',
  183: 'arm64',
  16777223: 'amd64',
  16777228: 'arm64',
  34404: 'amd64',
}

describe.each(platforms.map(platform => [`${platform.os}-${platform.arch}`, platform] as const))(
  '%s',
  (name, platform) => {
    test('the archive is at most 35 MiB', () =>
      expect(statSync(join(folder, archiveName(platform))).size).toBeLessThanOrEqual(35 * 1024 * 1024))

    test('the program is for this platform, contains the modules, and no path of the machine that built it', () => {
      const program = programOf(platform)
      expect(machineOf(program)).toBe(name)
      expect(program.includes('dist/commands/federate/index.js')).toBe(true)
      expect(program.includes(join(import.meta.dirname, '../../..'))).toBe(false)
    })

    test('the manifests of krew and Homebrew name the archive and its checksum', () => {
      const sum = new RegExp(`^([0-9a-f]{64}) {2}${archiveName(platform)}$`, 'm').exec(text('checksums.txt'))![1]!
      const manifests = ['mesh.yaml', ...(platform.os === 'windows' ? [] : ['kubectl-mesh.rb'])]
      for (const manifest of manifests) {
        expect(text(manifest)).toContain(sum)
        expect(text(manifest)).toContain(`/${archiveName(platform)}`)
      }
    })
  },
)

function text(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}
