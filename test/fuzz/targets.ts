import type {AnyTarget} from './target.ts'

/** A target that is not loaded yet. */
export interface ListedTarget {
  /** Value of `--only`, and name of the file in `targets/`. */
  name: string
  /** Share of the inputs of a whole run, relative to the other targets. */
  weight: number
}

/** All targets, those that take longest first. */
export const targets: readonly ListedTarget[] = [
  {name: 'mesh-config', weight: 14},
  {name: 'pki', weight: 6},
  {name: 'commands', weight: 2},
  {name: 'kubeconfig', weight: 14},
  {name: 'mesh-files', weight: 15},
  {name: 'spec-fields', weight: 24},
  {name: 'argv', weight: 15},
  {name: 'corefile', weight: 12},
  {name: 'output', weight: 6},
  {name: 'output-dir', weight: 1},
  {name: 'dnsmasq', weight: 6},
  {name: 'kube-dns', weight: 6},
  {name: 'shared-record', weight: 6},
  {name: 'cluster-sources', weight: 6},
]

/** Loads a target, which loads the part of the program that it uses. */
export async function loadTarget(name: string): Promise<AnyTarget> {
  const {target}: {target: AnyTarget} = await import(`./targets/${name}.ts`)
  return target
}
