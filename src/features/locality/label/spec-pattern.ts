import {type Field, FieldProblem, type Raw, textOf} from '../../../spec/field.ts'
import {localityText, nodePattern} from '../spec-texts.ts'

/** The locality of all nodes whose names match a pattern. */
export interface NodePattern {
  /** A node name in which `*` stands for any characters. */
  pattern: string
  /** `region[/zone[/subzone]]` */
  locality: string
}

/** The field `--pattern`: a repeated flag, or a map in a mesh file. */
export const patternField: Field<NodePattern[]> = {
  kind: 'list',
  flag: 'pattern',
  about: 'locality of all nodes whose names match; may be repeated',
  valueName: "'NODE*=REGION[/ZONE[/SUBZONE]]'",
  fallback: [],
  parse: raw => pairsOf(raw).map(([pattern, locality]) => checkedPattern(pattern, locality)),
  format: patterns => patterns.map(({pattern, locality}) => `${pattern}=${locality}`).join(','),
}

function pairsOf(raw: Raw): [string, string][] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw))
    return Object.entries(raw).map(([key, value]) => [key, textOf(value)])
  return (Array.isArray(raw) ? raw : [raw]).flatMap(text => textOf(text).split(',')).map(pairOf)
}

function pairOf(text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new FieldProblem(`${text} is not NODE*=REGION[/ZONE[/SUBZONE]]`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

function checkedPattern(pattern: string, locality: string): NodePattern {
  const nameProblem = nodePattern(pattern)
  if (nameProblem) throw new FieldProblem(`${pattern} ${nameProblem}`)
  const localityProblem = localityText(locality)
  if (localityProblem) throw new FieldProblem(`${pattern}=${locality}: ${locality} ${localityProblem}`)
  return {pattern, locality}
}
