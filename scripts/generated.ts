import {existsSync, globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Generated files under version control. */
const patterns = [
  'oclif.manifest.json',
  'docs/commands/**/*.md',
  'docs/checks/*.md',
  'docs/schemas/*.json',
  'docs/mesh-file.md',
]

/**
 * Compares the generated files of the project with new ones.
 *
 * @param root folder of the project
 * @param fresh folder with the new files
 * @returns a line for each outdated, missing or obsolete file
 */
export function differences(root: string, fresh: string): string[] {
  const paths = new Set([root, fresh].flatMap(folder => globSync(patterns, {cwd: folder})))
  return [...paths].sort().flatMap(path => {
    if (!existsSync(join(fresh, path))) return [`${path}: obsolete, no source generates this file`]
    if (!existsSync(join(root, path))) return [`${path}: missing`]
    const [current, expected] = [root, fresh].map(folder => readFileSync(join(folder, path), 'utf8'))
    return current === expected ? [] : [`${path}: outdated`]
  })
}
