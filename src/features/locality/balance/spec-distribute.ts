import type {Problem} from '../../../errors.ts'
import {type Field, FieldProblem, type Raw, textOf} from '../../../spec/field.ts'
import {localityPattern} from '../spec-texts.ts'

/** How the requests of clients in one locality are distributed. */
export interface Distribution {
  /** Locality of the clients. */
  from: string
  /** Percent of the requests, by locality of the endpoints. The sum is 100. */
  to: Record<string, number>
}

/** The field `--distribute`: a repeated flag, or a map of maps in a mesh file. */
export const distributeField: Field<Distribution[]> = {
  kind: 'list',
  flag: 'distribute',
  about: 'localities that serve clients in FROM, with weights in percent; others get no requests; may be repeated',
  valueName: 'FROM=TO:WEIGHT,TO:WEIGHT',
  fallback: [],
  parse: raw => (isMap(raw) ? inputsOfMap(raw) : inputsOfFlags(raw)).map(checkedDistribution),
  format: all => all.map(formatDistribution),
}

/** A distribution in the syntax of the flag: `eu=eu:80,us:20`. */
export function formatDistribution({from, to}: Distribution): string {
  const parts = Object.entries(to).map(([locality, weight]) => `${locality}:${weight}`)
  return `${from}=${parts.join(',')}`
}

/** A distribution before it is validated. */
interface DistributionInput {
  from: string
  to: [locality: string, weight: unknown][]
}

type RawMap = {readonly [key: string]: Raw}

function isMap(raw: Raw): raw is RawMap {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

function inputsOfMap(raw: RawMap): DistributionInput[] {
  return Object.entries(raw).map(([from, to]) => {
    if (!isMap(to)) throw new FieldProblem(`${from} is not a map of localities`)
    return {from, to: Object.entries(to)}
  })
}

function inputsOfFlags(raw: Raw): DistributionInput[] {
  return (Array.isArray(raw) ? raw : [raw]).map(text => inputOfFlag(textOf(text)))
}

function inputOfFlag(text: string): DistributionInput {
  const [from, rest, ...more] = text.split('=')
  if (!from || !rest || more.length > 0) throw new FieldProblem(`${text} is not FROM=TO:WEIGHT,TO:WEIGHT`)
  const to = rest.split(',').map((part): [string, string] => {
    const colon = part.lastIndexOf(':')
    if (colon < 1) throw new FieldProblem(`${text}: ${part} is not TO:WEIGHT`)
    return [part.slice(0, colon), part.slice(colon + 1)]
  })
  return {from, to}
}

function checkedDistribution({from, to}: DistributionInput): Distribution {
  const weights: Record<string, number> = {}
  for (const [locality, weight] of to) {
    const problem = localityPattern(locality)
    if (problem) throw new FieldProblem(`${from}: ${locality} ${problem}`)
    if (Object.hasOwn(weights, locality)) throw new FieldProblem(`${from}: ${locality} is listed twice`)
    weights[locality] = checkedWeight(weight, `${from}: ${locality}`)
  }
  const problem = localityPattern(from)
  if (problem) throw new FieldProblem(`${from} ${problem}`)
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0)
  if (sum !== 100) throw new FieldProblem(`${from}: the weights add up to ${sum}; expected 100`)
  return {from, to: weights}
}

function checkedWeight(raw: unknown, where: string): number {
  const isScalar = typeof raw === 'string' || typeof raw === 'number'
  const weight = isScalar ? Number(raw) : Number.NaN
  if (!Number.isInteger(weight) || weight < 1 || weight > 100)
    throw new FieldProblem(`${where}:${isScalar ? raw : JSON.stringify(raw)} is not a weight from 1 to 100`)
  return weight
}

/** One problem for each pair of localities of which one contains the other. istiod rejects them. */
export function overlapProblems(localities: readonly string[]): Problem[] {
  return localities.flatMap((locality, at) =>
    localities
      .slice(at + 1)
      .filter(other => contains(locality, other) || contains(other, locality))
      .map(other => ({message: `--distribute: ${locality} and ${other} overlap`})),
  )
}

function contains(outer: string, inner: string): boolean {
  const innerParts = partsOf(inner)
  return partsOf(outer).every((part, at) => innerParts[at] === part)
}

/** The parts of a locality without `*`. */
function partsOf(locality: string): string[] {
  return locality
    .replace(/\/?\*$/, '')
    .split('/')
    .filter(part => part !== '')
}
