import {load} from 'js-yaml'
import {expect, test} from 'vitest'
import {homebrewFormula, krewManifest} from '../../../scripts/release/manifests.ts'
import {archiveName, platforms} from '../../../scripts/release/platforms.ts'

const release = {
  version: '1.2.3',
  homepage: 'https://example.com/mesh',
  archives: platforms.map((platform, at) => ({platform, file: archiveName(platform), sha256: `${at}`.repeat(64)})),
}

test('the krew manifest has a download for each platform', () => {
  const {metadata, spec} = load(krewManifest(release)) as {
    metadata: {name: string}
    spec: {version: string; platforms: {uri: string; bin: string; selector: {matchLabels: object}}[]}
  }
  expect([metadata.name, spec.version]).toEqual(['mesh', 'v1.2.3'])
  expect(spec.platforms).toHaveLength(5)
  expect(spec.platforms.at(-1)).toMatchObject({
    uri: 'https://example.com/mesh/releases/download/v1.2.3/kubectl-mesh_windows_amd64.zip',
    bin: 'kubectl-mesh.exe',
    selector: {matchLabels: {os: 'windows', arch: 'amd64'}},
  })
})

test('the Homebrew formula has a download for each processor of macOS and Linux', () => {
  const formula = homebrewFormula(release)
  const found = [...formula.matchAll(/on_(\w+) do\n {6}url ".+_(\w+_\w+)\.tar\.gz"\n {6}sha256 "(.)/g)]
  expect(found.map(([, processor, platform, digit]) => [processor, platform, digit])).toEqual([
    ['intel', 'darwin_amd64', '0'],
    ['arm', 'darwin_arm64', '1'],
    ['intel', 'linux_amd64', '2'],
    ['arm', 'linux_arm64', '3'],
  ])
})
