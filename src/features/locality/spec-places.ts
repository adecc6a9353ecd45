import {exitCodes, MeshError, messageOf, type Problem} from '../../errors.ts'
import {dnsName} from '../../spec/texts.ts'
import {loadYaml} from '../../text/yaml.ts'
import {type Locality, parseLocality} from './istio.ts'
import {placeText} from './spec-texts.ts'

/**
 * Reads the places of nodes from a file's text. CSV: a head line with `node` and `region`, and `zone` and `subzone` where
 * they are known. YAML: a map of nodes, each with `region/zone/subzone` or a map of these.
 *
 * @param file its name, of which the ending tells the format
 * @throws MeshError (exit 2) with all that is wrong
 */
export function readPlaces(text: string, file: string): Map<string, Locality> {
  const rows = /\.csv$/i.test(file) ? readCsv(text, file) : readMap(text, file)
  const places = new Map<string, Locality>()
  const problems: Problem[] = []
  for (const {at, node, place} of rows) {
    const problem = dnsName(node)
      ? `${node || 'an empty text'} ${dnsName(node)}`
      : placeText(place)
        ? `${node}: ${place || 'an empty text'} ${placeText(place)}`
        : places.has(node)
          ? `${node} is named twice`
          : undefined
    if (problem) problems.push({message: `${at}: ${problem}`})
    else places.set(node, parseLocality(place))
  }
  if (places.size === 0 && problems.length === 0) problems.push({message: `${file} names no node`})
  if (problems.length > 0) throw new MeshError(problems.slice(0, 10), exitCodes.usage)
  return places
}

interface Row {
  /** `nodes.csv line 3` */
  at: string
  node: string
  place: string
}

const columns = ['node', 'region', 'zone', 'subzone'] as const

function readCsv(text: string, file: string): Row[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, at) => ({line, at: `${file} line ${at + 1}`}))
    .filter(({line}) => line.trim() !== '' && !line.startsWith('#'))
  const heads = cellsOf(lines[0]?.line ?? '').map(head => head.toLowerCase())
  const strange = heads.filter(head => !columns.includes(head as (typeof columns)[number]))
  if (!heads.includes('node') || !heads.includes('region') || strange.length > 0)
    throw new MeshError(
      {message: `${file}: the first line is not node,region[,zone[,subzone]]`, hints: ['node,region,zone,subzone']},
      exitCodes.usage,
    )
  return lines.slice(1).map(({line, at}) => {
    const cells = cellsOf(line)
    const cell = (head: string) => cells[heads.indexOf(head)] ?? ''
    if (cells.length > heads.length) return {at, node: cell('node'), place: 'too many cells'}
    return {at, node: cell('node'), place: columns.slice(1).map(cell).join('/').replace(/\/+$/, '')}
  })
}

function cellsOf(line: string): string[] {
  return line.split(',').map(cell => cell.trim().replace(/^"(.*)"$/, '$1'))
}

function readMap(text: string, file: string): Row[] {
  let value: unknown
  try {
    value = loadYaml(text)
  } catch (error) {
    throw new MeshError({message: `${file}: ${messageOf(error).split('\n')[0]}`}, exitCodes.usage)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MeshError(
      {message: `${file} is not a map of nodes`, hints: ['w-1: shenzhen/sz-1', 'a CSV file has the ending .csv']},
      exitCodes.usage,
    )
  return Object.entries(value).map(([node, place]) => ({at: file, node, place: placeOf(place)}))
}

function placeOf(place: unknown): string {
  if (typeof place === 'string') return place
  if (typeof place !== 'object' || place === null) return String(place)
  const {region = '', zone = '', subzone = '', ...more} = place as Record<string, unknown>
  if (Object.keys(more).length > 0) return `${Object.keys(more).join(', ')} is not known`
  return [region, zone, subzone].join('/').replace(/\/+$/, '')
}
