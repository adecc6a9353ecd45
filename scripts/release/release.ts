/**
 * `npm run release` writes everything that a release contains to `release/`. A second run writes the same bytes.
 *
 * `--platform OS-ARCH` builds only one executable, such as `linux-amd64`; `--into FOLDER` writes to another folder.
 */
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import type {BuildInfo} from '../../src/features/version/version.ts'
import {addFlagTexts, type Manifest} from '../command-data.ts'
import {type Entry, tarGz, zip} from './archives.ts'
import {buildExecutables} from './executable.ts'
import {manPages} from './man-pages.ts'
import {allLicences, completionScripts, dockerfile, homebrewFormula, krewManifest, type Release} from './manifests.ts'
import {archiveName, executableName, type Platform, platforms} from './platforms.ts'
import {sbom} from './sbom.ts'

const root = join(import.meta.dirname, '../..')
const {values} = parseArgs({
  options: {platform: {type: 'string'}, into: {type: 'string', default: join(root, 'release')}},
})
const into = values.into
const targets = platforms.filter(({os, arch}) => values.platform === undefined || values.platform === `${os}-${arch}`)
if (targets.length === 0) throw new Error(`unknown platform ${values.platform}`)
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const {version}: {version: string} = JSON.parse(text('package.json'))
const homepage = homepageOf(process.env.KUBECTL_MESH_HOMEPAGE)
const {commitDate}: BuildInfo = JSON.parse(text('dist/build.json'))
const time = Math.floor(Date.parse(commitDate) / 1000)

mkdirSync(join(root, '.tmp'), {recursive: true})
const work = mkdtempSync(join(root, '.tmp/release-'))
try {
  rmSync(into, {recursive: true, force: true})
  mkdirSync(into, {recursive: true})
  const shared = await sharedEntries()
  const executables = await buildExecutables(targets, {root, work, cache: join(root, '.tmp/node-wheels')})
  const archives = [...executables].map(([platform, file]) => writeArchive(platform, file, shared))
  const release: Release = {version, homepage, archives}
  writeFileSync(join(into, 'mesh.yaml'), krewManifest(release))
  writeFileSync(join(into, 'kubectl-mesh.rb'), homebrewFormula(release))
  writeFileSync(join(into, 'Dockerfile'), dockerfile(release))
  const licences = text('dist/third-party-licenses.txt')
  writeFileSync(join(into, 'sbom.cdx.json'), sbom(root, {licences, version, time}))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into], {cwd: root})
  writeFileSync(join(into, 'checksums.txt'), checksums())
} finally {
  rmSync(work, {recursive: true})
}

/** Without an address, the manifests name one that cannot exist (RFC 2606), so that no one else can serve downloads from it. */
function homepageOf(address: string | undefined): string {
  if (address !== undefined && /^https:\/\/\S+[^/\s]$/.test(address)) return address
  if (address !== undefined) throw new Error(`KUBECTL_MESH_HOMEPAGE=${address}: expected https://HOST/PATH`)
  const none = 'https://kubectl-mesh.invalid'
  process.stderr.write(`release: KUBECTL_MESH_HOMEPAGE is not set: the manifests download from ${none}\n`)
  return none
}

/** What the archives of all platforms contain: licences, man pages and completion scripts. */
async function sharedEntries(): Promise<Entry[]> {
  const {commands}: Manifest = JSON.parse(text('oclif.manifest.json'))
  const pages = manPages(await addFlagTexts(Object.values(commands), root), {version, time})
  const licences = allLicences(text('dist/third-party-licenses.txt'), text('scripts/release/licences/node.txt'))
  const files = {
    LICENSE: text('LICENSE'),
    'third-party-licenses.txt': licences,
    ...Object.fromEntries(Object.entries(completionScripts).map(([name, script]) => [`completion/${name}`, script])),
    ...Object.fromEntries(Object.entries(pages).map(([name, page]) => [`man/${name}`, page])),
  }
  return Object.entries(files).map(([name, content]) => ({name, content: Buffer.from(content)}))
}

function writeArchive(platform: Platform, executable: string, shared: readonly Entry[]) {
  const program = {name: executableName(platform), content: readFileSync(executable), isExecutable: true}
  const isWindows = platform.os === 'windows'
  // No symlink for completion: krew refuses archives with symlinks.
  const packed = isWindows ? zip([program, ...shared], time) : tarGz([program, ...shared], time)
  const limit = 35 * 1024 * 1024
  const file = archiveName(platform)
  if (packed.length > limit) throw new Error(`${file} has ${packed.length} bytes; the limit is ${limit}`)
  writeFileSync(join(into, file), packed)
  return {platform, file, sha256: sha256(packed)}
}

function checksums(): string {
  const files = readdirSync(into).sort()
  return files.map(file => `${sha256(readFileSync(join(into, file)))}  ${file}\n`).join('')
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
