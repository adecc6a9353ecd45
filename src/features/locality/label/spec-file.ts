import {exitCodes, MeshError, messageOf, type Problem} from '../../../errors.ts'
import {dnsName} from '../../../spec/texts.ts'
import {loadYaml} from '../../../text/yaml.ts'
import {type Locality, parseLocality} from '../istio.ts'
import {localityText} from '../spec-texts.ts'

/** Problems that are listed at once. */
const mostProblems = 10

/**
 * The localities in a file, by node name. CSV: a header line with `node`, `region` and optionally `zone` and `subzone`.
 * YAML: a map from node names to `region/zone/subzone`, or to maps with these keys.
 *
 * @param file name of the file, for messages; `.csv` selects the format
 * @throws MeshError (exit 2) that lists up to ten problems
 */
export function parseLocalityFile(text: string, file: string): Map<string, Locality> {
  const rows = /\.csv$/i.test(file) ? csvRows(text, file) : yamlRows(text, file)
  const localities = new Map<string, Locality>()
  const problems: Problem[] = []
  for (const row of rows) {
    const problem = rowProblem(row) ?? (localities.has(row.node) ? `${row.node} is listed twice` : undefined)
    if (problem) problems.push({message: `${row.where}: ${problem}`})
    else localities.set(row.node, parseLocality(row.locality))
  }
  if (localities.size === 0 && problems.length === 0) problems.push({message: `${file} lists no nodes`})
  if (problems.length > 0) throw new MeshError(problems.slice(0, mostProblems), exitCodes.usage)
  return localities
}

interface Row {
  /** File and line of the row, for messages: `nodes.csv line 3`. */
  where: string
  node: string
  locality: string
  /** Why the locality of the row cannot be read. */
  problem?: string
}

function rowProblem({node, locality, problem}: Row): string | undefined {
  const nameProblem = dnsName(node)
  if (nameProblem) return `${node || 'an empty text'} ${nameProblem}`
  if (problem) return `${node}: ${problem}`
  const localityProblem = localityText(locality)
  return localityProblem && `${node}: ${locality || 'an empty text'} ${localityProblem}`
}

const columns = ['node', 'region', 'zone', 'subzone']

function csvRows(text: string, file: string): Row[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, at) => ({line, where: `${file} line ${at + 1}`}))
    .filter(({line}) => line.trim() !== '' && !line.startsWith('#'))
  const header = cellsOf(lines[0]?.line ?? '').map(name => name.toLowerCase())
  if (!header.includes('node') || !header.includes('region') || header.some(name => !columns.includes(name)))
    throw new MeshError(
      {message: `${file}: the first line is not node,region[,zone[,subzone]]`, hints: ['node,region,zone,subzone']},
      exitCodes.usage,
    )
  return lines.slice(1).map(({line, where}) => {
    const cells = cellsOf(line)
    const cell = (name: string) => cells[header.indexOf(name)] ?? ''
    const row = {where, node: cell('node'), locality: joined(columns.slice(1).map(cell))}
    return cells.length > header.length
      ? {...row, problem: `too many cells (${cells.length}; expected ${header.length})`}
      : row
  })
}

function cellsOf(line: string): string[] {
  return line.split(',').map(cell => cell.trim().replace(/^"(.*)"$/, '$1'))
}

function yamlRows(text: string, file: string): Row[] {
  return Object.entries(mapOf(text, file)).map(([node, value]) => ({where: file, node, ...localityOf(value)}))
}

function mapOf(text: string, file: string): object {
  let value: unknown
  try {
    value = loadYaml(text)
  } catch (error) {
    throw new MeshError({message: `${file}: ${messageOf(error).split('\n')[0]}`}, exitCodes.usage)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MeshError(
      {message: `${file} is not a map of nodes`, hints: ['w-1: shenzhen/sz-1', 'the name of a CSV file ends in .csv']},
      exitCodes.usage,
    )
  return value
}

function localityOf(value: unknown): Pick<Row, 'locality' | 'problem'> {
  if (typeof value !== 'object' || value === null) return {locality: String(value)}
  const {region = '', zone = '', subzone = '', ...more} = value as Record<string, unknown>
  const parts = [region, zone, subzone]
  if (parts.some(part => typeof part === 'object'))
    return {locality: '', problem: 'region, zone and subzone must be texts'}
  const locality = joined(parts)
  const unknown = Object.keys(more)
  return unknown.length > 0 ? {locality, problem: `unknown key ${unknown.join(', ')}`} : {locality}
}

/** Joins the parts of a locality, without empty parts at the end. */
function joined(parts: readonly unknown[]): string {
  return parts.join('/').replace(/\/+$/, '')
}
