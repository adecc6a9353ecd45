import {join} from 'node:path'
import {runOk} from './run.ts'

/** A version of a Go module. */
export interface GoModule {
  path: string
  version: string
  /** Its checksum, as in a `go.sum`. */
  sum: string
}

/** kustomize-controller, with the definition of Flux's Kustomization in `config/crd/bases`. */
export const kustomizeController: GoModule = {
  path: 'github.com/fluxcd/kustomize-controller',
  version: 'v1.9.6',
  sum: 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=',
}

/** Argo CD, with its definitions in `manifests/crds`. */
export const argoCd: GoModule = {
  path: 'github.com/argoproj/argo-cd/v3',
  version: 'v3.5.7',
  sum: 'h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=',
}

/** External Secrets, with its definitions in `config/crds/bases`. */
export const externalSecrets: GoModule = {
  path: 'github.com/external-secrets/external-secrets',
  version: 'v1.3.2',
  sum: 'h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=',
}

/** Downloads a module once, and returns the path of a file in it. Definitions of a megabyte are not copied into this repository. */
export async function moduleFile({path, version, sum}: GoModule, file: string): Promise<string> {
  const {Dir, Sum} = JSON.parse(await runOk(['go', 'mod', 'download', '-json', `${path}@${version}`])) as {
    Dir: string
    Sum: string
  }
  if (Sum !== sum) throw new Error(`${path}@${version} has the checksum ${Sum}; expected ${sum}`)
  return join(Dir, file)
}
