import type {Problem} from '../../errors.ts'
import {type Field, FieldProblem, listField, type Raw, type SpecOf, switchField, textField} from '../../spec/field.ts'
import {dnsName, labelValue} from '../../spec/texts.ts'
import {labelSelector, nodePattern, placeText} from './spec-texts.ts'

/** Nodes by name, and where they are. */
export interface PlacePattern {
  pattern: string
  /** `region[/zone[/subzone]]` */
  place: string
}

const patternField: Field<PlacePattern[]> = {
  kind: 'list',
  flag: 'pattern',
  about: 'place of all nodes with such a name, may be repeated',
  valueName: "'NODE*=REGION[/ZONE[/SUBZONE]]'",
  fallback: [],
  parse: raw => pairsOf(raw).map(([pattern, place]) => checkedPair(pattern, place)),
  format: patterns => patterns.map(({pattern, place}) => `${pattern}=${place}`).join(','),
}

function pairsOf(raw: Raw): [string, string][] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw))
    return Object.entries(raw).map(([key, value]) => [key, String(value)])
  return (Array.isArray(raw) ? raw : [raw])
    .flatMap(text => String(text).split(','))
    .map(text => {
      const at = text.indexOf('=')
      if (at < 1) throw new FieldProblem(`${text} is not NODE*=REGION[/ZONE[/SUBZONE]]`)
      return [text.slice(0, at), text.slice(at + 1)]
    })
}

function checkedPair(pattern: string, place: string): PlacePattern {
  const problem = nodePattern(pattern)
  if (problem) throw new FieldProblem(`${pattern} ${problem}`)
  const other = placeText(place)
  if (other) throw new FieldProblem(`${pattern}=${place}: ${place} ${other}`)
  return {pattern, place}
}

/** All that `mesh locality label` can be told. */
export const localityLabelFields = {
  nodes: {...listField({flag: 'node', about: 'nodes to label', check: dnsName}), argument: true as const},
  region: textField({flag: 'region', about: 'region of the nodes', valueName: 'R', check: labelValue}),
  zone: textField({flag: 'zone', about: 'zone of the nodes', valueName: 'Z', check: labelValue}),
  subzone: textField({flag: 'subzone', about: 'subzone of the nodes, a rack', valueName: 'S', check: labelValue}),
  selector: textField({
    flag: 'selector',
    about: 'nodes with these labels',
    valueName: 'SELECTOR',
    check: labelSelector,
  }),
  all: switchField({flag: 'all', about: 'all nodes'}),
  pattern: patternField,
  from: textField({
    flag: 'from',
    about: 'file with the places: CSV with a head line (node,region,zone,subzone), or YAML (NODE: region/zone/subzone)',
    valueName: 'FILE.csv|yaml',
  }),
  overwrite: switchField({flag: 'overwrite', about: 'replace labels that say something else'}),
}

/** The Spec of labels to set. */
export type LocalityLabel = SpecOf<typeof localityLabelFields>

/** What one field alone can't tell. */
export function localityLabelProblems(spec: LocalityLabel): Problem[] {
  const {nodes, region, zone, subzone, selector, all, pattern, from} = spec
  const chosen = nodes.length > 0 || selector !== undefined || all
  const place = region !== undefined || zone !== undefined || subzone !== undefined
  const problems: Problem[] = []
  if (!chosen && pattern.length === 0 && from === undefined)
    problems.push({
      message: 'which nodes?',
      hints: ["NODE…, -l SELECTOR, --all, --pattern 'NODE*=REGION/ZONE' or --from FILE"],
    })
  if (place && !chosen)
    problems.push({message: '--region, --zone and --subzone need nodes', hints: ['NODE…, -l SELECTOR or --all']})
  if (chosen && !place && pattern.length === 0 && from === undefined && nodes.length > 0)
    problems.push({message: 'where are they?', hints: ['--region R [--zone Z [--subzone S]]']})
  if ([nodes.length > 0, selector !== undefined, all].filter(Boolean).length > 1)
    problems.push({message: 'NODE…, -l and --all exclude each other'})
  if (subzone !== undefined && zone === undefined)
    problems.push({message: '--subzone needs --zone', hints: ['a subzone is a part of a zone']})
  if (zone !== undefined && region === undefined)
    problems.push({message: '--zone needs --region', hints: ['a zone is a part of a region']})
  return problems
}
