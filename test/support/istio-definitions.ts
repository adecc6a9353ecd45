import {join} from 'node:path'
import {labFolder} from './binaries.ts'
import {runOk} from './run.ts'

/** Versions of Istio whose resource definitions are available as a Go module: near the oldest and the newest supported one. */
export const definitionVersions = ['1.24', '1.32'] as const

/**
 * Downloads Istio's CustomResourceDefinitions of a version, once, and returns the path of the file.
 *
 * @throws Error if Go or its module proxy is not available
 */
export async function istioDefinitions(version: (typeof definitionVersions)[number]): Promise<string> {
  const module = join(labFolder, 'tools', `istio-api-${version}`)
  await runOk(['go', 'mod', 'download', 'istio.io/api'], {cwd: module})
  const folder = await runOk(['go', 'list', '-m', '-f', '{{.Dir}}', 'istio.io/api'], {cwd: module})
  return join(folder.trim(), 'kubernetes', 'customresourcedefinitions.gen.yaml')
}
