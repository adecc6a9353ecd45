/** An import that the layers forbid. */
export interface WrongImport {
  file: string
  imports: string
  why: string
}

const above = ['commands', 'hooks']

/**
 * Which folders of `src/` a folder must not import from, so that arrows go one way: commands use flows, flows use the
 * rest, and the builders know nothing of clusters, plans or screens. Files in `src/` itself may be used by all.
 */
const forbidden: Record<string, string[]> = {
  manifests: ['cluster', 'facts', 'plan', 'output', 'questions', 'checks', 'flows', ...above],
  specs: ['cluster', 'facts', 'plan', 'output', 'questions', 'checks', 'flows', ...above],
  istio: ['cluster', 'facts', 'plan', 'output', 'questions', 'checks', 'flows', ...above],
  vm: ['cluster', 'facts', 'plan', 'output', 'questions', 'checks', 'flows', ...above],
  pki: ['cluster', 'facts', 'plan', 'output', 'questions', 'checks', 'flows', ...above],
  cluster: ['facts', 'plan', 'output', 'questions', 'checks', 'flows', 'specs', ...above],
  plan: ['facts', 'output', 'questions', 'checks', 'flows', ...above],
  tools: ['cluster', 'facts', 'plan', 'output', 'questions', 'checks', 'flows', ...above],
  facts: ['output', 'questions', 'checks', 'flows', ...above],
  checks: ['output', 'questions', 'flows', ...above],
  output: ['cluster', 'questions', 'flows', ...above],
  questions: ['output', 'flows', ...above],
  completion: ['plan', 'output', 'questions', 'checks', 'flows', ...above],
  flows: above,
}

/** Folders whose functions give the same for the same arguments: no files, no network, no clock of others. */
const pure = ['manifests', 'specs', 'istio', 'vm']

/** Modules of Node and packages that a pure folder may use. */
const pureModules = ['node:crypto', 'node:util', 'js-yaml', 'yaml']

/**
 * Holds source files against the layers.
 *
 * @param files text by path from the project's folder: `src/manifests/ca.ts`
 */
export function wrongImports(files: Record<string, string>): WrongImport[] {
  return Object.entries(files).flatMap(([file, text]) =>
    importsOf(text).flatMap(({names, from, isType}) => {
      const why = problemOf(file, names, from, isType)
      return why ? [{file, imports: from, why}] : []
    }),
  )
}

function problemOf(file: string, names: string, from: string, isType: boolean): string | undefined {
  const folder = folderOf(file)
  if (from.startsWith('.')) {
    const target = folderOf(new URL(from, `file:///${file}`).pathname.slice(1))
    if (folder === target || !folder || !target || !forbidden[folder]?.includes(target)) return undefined
    // Types leave no trace at run time: a screen may name what it shows, a question the terminal it is asked on.
    if (isType && (folder === 'output' || folder === 'questions')) return undefined
    return `src/${folder} must not know src/${target}`
  }
  if (!folder || !pure.includes(folder) || isType || pureModules.includes(from)) return undefined
  // Text only, though its module opens sockets too.
  if (from === 'node:net' && /^\s*\{\s*isIP(v[46])?(\s*,\s*isIP(v[46])?)*\s*\}\s*$/.test(names)) return undefined
  return `src/${folder} is pure`
}

/** The folder below `src/`, undefined for files in `src/` itself and elsewhere. */
function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

function importsOf(text: string): {names: string; from: string; isType: boolean}[] {
  const fixed = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:([^'"]*?)\s*from\s+)?['"]([^'"]+)['"]/gm)
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)
  return [
    ...[...fixed].map(([, type, names = '', from]) => ({names, from: from!, isType: type !== undefined})),
    ...[...dynamic].map(([, from]) => ({names: '', from: from!, isType: false})),
  ]
}
