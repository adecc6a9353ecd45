import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Metafile} from 'esbuild'

/**
 * Returns the names, versions and licence texts of the packages that a bundle contains, sorted by name.
 *
 * @param root folder that contains `node_modules/`
 * @param meta metadata of the bundle
 * @throws Error if a package names no licence
 */
export function thirdPartyText(root: string, meta: Metafile): string {
  const folders = new Set(Object.keys(meta.inputs).flatMap(packageFolder))
  const parts = [...folders].sort().map(folder => partOf(join(root, folder)))
  return `This program contains the following packages.\n\n${parts.join('\n')}`
}

/** `node_modules/@a/b/lib/c.js` → `node_modules/@a/b`; of a nested package, the innermost. */
function packageFolder(input: string): string[] {
  return /^(?:node_modules\/.+\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.slice(0, 1) ?? []
}

function partOf(folder: string): string {
  const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${folder}/package.json names no licence`)
  const file = readdirSync(folder).find(entry => /^licen[cs]e(?:\.|-mit|$)/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n${text}`
}
