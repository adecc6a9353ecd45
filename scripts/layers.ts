/** A part of `src/`, with what its files may import beside their own part. */
export interface Layer {
  /** Folder below `src/`, or a file there. */
  name: string
  /** What stands here, for the table in `docs/design.md`. */
  holds: string
  /** Layers whose files may be imported. */
  mayImport: readonly string[]
}

const base = ['errors', 'text']
const ground = [...base, 'spec', 'findings', 'engine']
const knowledge = [...ground, 'istio', 'pki', 'tools']
const shared = [...knowledge, 'terminal', 'run', 'control-plane', 'mesh']

/** The layers of `src/`, lowest first. An import that no row allows is an error, a type import too. */
export const layers: readonly Layer[] = [
  {name: 'errors', holds: 'error types and exit codes', mayImport: []},
  {name: 'text', holds: 'YAML, files, durations', mayImport: ['errors']},
  {name: 'spec', holds: 'fields, their parsing, mesh files', mayImport: base},
  {name: 'findings', holds: 'what a check is, and what it finds', mayImport: ['errors']},
  {
    name: 'engine',
    holds: 'Kubernetes without Istio: objects and changes, API servers, plans',
    mayImport: [...base, 'spec'],
  },
  {name: 'istio', holds: 'what Istio expects, by version', mayImport: ground},
  {name: 'pki', holds: 'certificates and the CA folder', mayImport: ground},
  {name: 'tools', holds: 'other programs: istioctl, helm, ssh', mayImport: [...ground, 'istio']},
  {name: 'terminal', holds: 'argv, flags, help, prompts, completion, output', mayImport: ground},
  {
    name: 'run',
    holds: 'one run of a command: connect, print, confirm, apply, report',
    mayImport: [...knowledge, 'terminal'],
  },
  {
    name: 'control-plane',
    holds: 'rendering a control plane and waiting for it',
    mayImport: [...knowledge, 'terminal', 'run'],
  },
  {name: 'mesh', holds: 'what several features share', mayImport: [...knowledge, 'terminal', 'run', 'control-plane']},
  {name: 'features', holds: 'one folder per feature', mayImport: shared},
  {
    name: 'kinds',
    holds: 'the kinds of mesh files, with the features that they belong to',
    mayImport: [...shared, 'features'],
  },
  {name: 'commands', holds: 'what can be typed: flags in, one call', mayImport: [...shared, 'features', 'kinds']},
  {name: 'hooks', holds: 'what oclif calls', mayImport: [...ground, 'terminal']},
  {name: 'complete', holds: 'entry point of kubectl completion', mayImport: [...ground, 'terminal']},
  {name: 'main', holds: 'entry point', mayImport: [...shared]},
  {name: 'executable', holds: 'entry point of the executable without Node.js', mayImport: ['main', 'complete']},
]

/**
 * Names of files (their first word) whose functions return the same for the same arguments: no files, no network, no
 * clock, no randomness.
 */
export const pureRoles = ['spec', 'objects', 'checks', 'report', 'istio'] as const

/** Folders in which every file is pure. */
export const pureFolders = ['src/istio/', 'src/findings/', 'src/features/vm/bundle/']

/** Modules of Node and packages that a pure file may use. */
export const pureModules = ['node:crypto', 'node:util', 'js-yaml', 'yaml']

/** Internal files that do I/O: no pure file imports them, except for types. */
export const impure = [
  'src/engine/cluster/',
  'src/engine/kubeconfig/',
  'src/tools/',
  'src/run/',
  'src/text/files.ts',
  'src/pki/folder/',
  'src/terminal/prompts.ts',
]
