import {posix} from 'node:path'
import {impure, layers, pureFolders, pureModules, pureRoles} from './layers.ts'

/** An import that the layers forbid. */
export interface WrongImport {
  file: string
  imports: string
  why: string
}

/** An import or re-export in a file. */
interface Import {
  /** The text between `import` and `from`. */
  names: string
  from: string
  /** It imports types alone. */
  isType: boolean
}

/**
 * Checks source files against the layers.
 *
 * @param files text by path from the project's folder: `src/mesh/record.ts`
 */
export function wrongImports(files: Record<string, string>): WrongImport[] {
  return Object.entries(files).flatMap(([file, text]) =>
    importsOf(text).flatMap(one => {
      const why = reasonAgainst(file, one)
      return why ? [{file, imports: one.from, why}] : []
    }),
  )
}

function reasonAgainst(file: string, one: Import): string | undefined {
  if (!one.from.startsWith('.')) return isPure(file) ? impureModule(one) : undefined
  const target = posix.join(posix.dirname(file), one.from)
  return layerReason(file, target) ?? (isPure(file) && !one.isType ? impureTarget(target) : undefined)
}

function layerReason(file: string, target: string): string | undefined {
  const [from, to] = [layerOf(file), layerOf(target)]
  if (from === undefined || to === undefined) return undefined
  if (from === 'features' && to === 'features') return featureReason(file, target)
  const layer = layers.find(({name}) => name === from)
  if (!layer) return `${from} is in no layer (scripts/layers.ts)`
  return from === to || layer.mayImport.includes(to) ? undefined : `${from} must not import ${to}`
}

function featureReason(file: string, target: string): string | undefined {
  const [one, other] = [file, target].map(path => path.split('/')[2])
  return one === other ? undefined : `feature ${one} must not import feature ${other}: what both need belongs in mesh/`
}

/** Whether a file promises to do no I/O: by its folder, or by the first word of its name inside a feature or mesh/. */
export function isPure(file: string): boolean {
  if (pureFolders.some(folder => file.startsWith(folder))) return true
  const role = posix.basename(file, '.ts').split('-')[0]!
  return /^src\/(features|mesh|control-plane)\//.test(file) && (pureRoles as readonly string[]).includes(role)
}

function impureModule({names, from, isType}: Import): string | undefined {
  if (isType || pureModules.includes(from)) return undefined
  // Text only, though its module opens sockets too.
  if (from === 'node:net' && /^\s*\{\s*isIP(v[46])?(\s*,\s*isIP(v[46])?)*\s*\}\s*$/.test(names)) return undefined
  return 'a pure file imports it'
}

function impureTarget(target: string): string | undefined {
  return impure.some(path => target.startsWith(path)) ? 'a pure file imports a file that does I/O' : undefined
}

/** The folder below `src/`, or the name of a file in it; undefined elsewhere. */
function layerOf(path: string): string | undefined {
  return /^src\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1]
}

function importsOf(text: string): Import[] {
  const fixed = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:([^'"]*?)\s*from\s+)?['"]([^'"]+)['"]/gm)
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)
  return [
    ...[...fixed].map(([, type, names = '', from]) => ({names, from: from!, isType: isTypeOnly(type, names)})),
    ...[...dynamic].map(([, from]) => ({names: '', from: from!, isType: false})),
  ]
}

function isTypeOnly(keyword: string | undefined, names: string): boolean {
  if (keyword !== undefined) return true
  const listed = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]?.split(',') ?? ['']
  const given = listed.filter(name => name.trim() !== '')
  return given.length > 0 && given.every(name => /^\s*type\s/.test(name))
}
