import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, inject, test} from 'vitest'
import {archiveName, thisPlatform} from '../../scripts/release/platforms.ts'
import {packagesIn} from '../../scripts/release/sbom.ts'
import {labTool} from '../support/binaries.ts'
import {runOk} from '../support/run.ts'

const release = inject('release')
const {commands}: {commands: Record<string, {hidden?: boolean}>} = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8'),
)

describe.skipIf(!release)('the files of a release', () => {
  const {folder, unpacked} = release ?? {folder: '', unpacked: ''}
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')

  test('checksums.txt lists every other file, with its SHA-256', async () => {
    await runOk(['sha256sum', '--check', '--strict', 'checksums.txt'], {cwd: folder})
    const listed = [...text('checksums.txt').matchAll(/^[0-9a-f]{64} {2}(.+)$/gm)].map(([, name]) => name)
    expect(listed).toEqual(
      readdirSync(folder)
        .filter(name => name !== 'checksums.txt')
        .sort(),
    )
    expect(listed).toEqual(expect.arrayContaining(['Dockerfile', 'kubectl-mesh.rb', 'mesh.yaml', 'sbom.cdx.json']))
  })

  test('the archive has the program, licences, completion scripts and a man page for each command, and no links', async () => {
    const pages = Object.entries(commands)
      .filter(([, {hidden}]) => !hidden)
      .map(([id]) => `man/kubectl-mesh-${id.replaceAll(':', '-')}.1`)
    const expected = [
      ...['LICENSE', 'completion/_kubectl-mesh', 'completion/kubectl-mesh.bash', 'completion/kubectl-mesh.fish'],
      ...['kubectl-mesh', 'man/kubectl-mesh.1', 'third-party-licenses.txt', ...pages],
    ]
    const archive = join(folder, archiveName(thisPlatform!))
    const listed = (await runOk(['tar', '-tvzf', archive])).trim().split('\n')
    expect(listed.map(line => line.split(/\s+/).at(-1)).sort()).toEqual(expected.sort())
    expect(listed.filter(line => !line.startsWith('-r'))).toEqual([])
    expect(listed.find(line => line.endsWith(' kubectl-mesh'))).toMatch(/^-rwxr-xr-x 0\/0 /)
  })

  test('the licences are those of Node.js and of every package in the bill of materials', () => {
    const licences = readFileSync(join(unpacked, 'third-party-licenses.txt'), 'utf8')
    const bill: {components: {name: string; version: string; purl: string}[]} = JSON.parse(text('sbom.cdx.json'))
    expect(licences).toMatch(/^Node\.js [\d.]+, which the executable contains$/m)
    const packages = packagesIn(licences).map(({name, version}) => `${name}@${version}`)
    const components = bill.components.filter(({name}) => name !== 'node')
    expect(components.map(({name, version}) => `${name}@${version}`).sort()).toEqual(packages.sort())
    expect(new Set(bill.components.map(({purl}) => purl)).size).toBe(bill.components.length)
    expect(components.length).toBeGreaterThan(20)
  })

  test("krew's validator accepts the manifest", async () => {
    const validate = await labTool('validate-krew-manifest')
    await runOk([validate, '-manifest', join(folder, 'mesh.yaml'), '-skip-install'])
  })

  test('the npm package has no dependencies', async () => {
    const [name] = readdirSync(folder).filter(file => file.endsWith('.tgz'))
    const manifest = await runOk(['tar', '-xzOf', join(folder, name!), 'package/package.json'])
    const {dependencies, optionalDependencies, peerDependencies} = JSON.parse(manifest)
    expect({dependencies, optionalDependencies, peerDependencies}).toEqual({})
  })
})
