import {existsSync, globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Generated files that are committed. */
const patterns = ['oclif.manifest.json', 'docs/commands/**/*.md', 'docs/mesh-file.md']

/**
 * Compares the generated files of a project with those just made in another folder.
 *
 * @returns a line for each that differs, is missing or is too many; empty when there is no drift
 */
export function differences(root: string, made: string): string[] {
  const paths = new Set([root, made].flatMap(folder => globSync(patterns, {cwd: folder})))
  return [...paths].sort().flatMap(path => {
    if (!existsSync(join(made, path))) return [`${path}: no source gives this file`]
    if (!existsSync(join(root, path))) return [`${path}: is missing`]
    const [is, shall] = [root, made].map(folder => readFileSync(join(folder, path), 'utf8'))
    return is === shall ? [] : [`${path}: is not what the sources give`]
  })
}
