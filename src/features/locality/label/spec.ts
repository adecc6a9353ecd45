import type {Problem} from '../../../errors.ts'
import {listField, type SpecOf, switchField, textField} from '../../../spec/field.ts'
import {dnsName, labelValue} from '../../../spec/texts.ts'
import {labelSelector} from '../spec-texts.ts'
import {patternField} from './spec-pattern.ts'

/** The fields of `mesh locality label`. */
export const localityLabelFields = {
  nodes: {...listField({flag: 'node', about: 'nodes to label', check: dnsName}), argument: true as const},
  region: textField({flag: 'region', about: 'region of the nodes', valueName: 'R', check: labelValue}),
  zone: textField({flag: 'zone', about: 'zone of the nodes', valueName: 'Z', check: labelValue}),
  subzone: textField({
    flag: 'subzone',
    about: 'subzone of the nodes, such as a rack',
    valueName: 'S',
    check: labelValue,
  }),
  selector: {
    ...textField({
      flag: 'selector',
      about: 'label selector of the nodes to label',
      valueName: 'SELECTOR',
      check: labelSelector,
    }),
    excludes: ['nodes'],
  },
  all: {...switchField({flag: 'all', about: 'label all nodes'}), excludes: ['nodes', 'selector']},
  pattern: patternField,
  from: textField({
    flag: 'from',
    about: 'file of localities: CSV with the header node,region,zone,subzone, or YAML (NODE: region/zone/subzone)',
    valueName: 'FILE.csv|yaml',
  }),
  overwrite: switchField({flag: 'overwrite', about: 'replace labels that have another value'}),
}

/** The Spec of `mesh locality label`. */
export type LocalityLabel = SpecOf<typeof localityLabelFields>

/** Cross-field validation. */
export function validateLocalityLabel(spec: LocalityLabel): Problem[] {
  return [...selectionProblems(spec), ...partProblems(spec)]
}

function selectionProblems({nodes, selector, all, pattern, from, region, zone, subzone}: LocalityLabel): Problem[] {
  const selectsNodes = nodes.length > 0 || selector !== undefined || all
  const listsLocalities = pattern.length > 0 || from !== undefined
  const setsLocality = [region, zone, subzone].some(part => part !== undefined)
  const problems: Problem[] = []
  if (!selectsNodes && !listsLocalities)
    problems.push({
      message: 'no nodes specified',
      hints: ["add NODE…, -l SELECTOR, --all, --pattern 'NODE*=REGION/ZONE' or --from FILE"],
    })
  if (setsLocality && !selectsNodes)
    problems.push({
      message: '--region, --zone and --subzone require nodes',
      hints: ['add NODE…, -l SELECTOR or --all'],
    })
  if (nodes.length > 0 && !setsLocality && !listsLocalities)
    problems.push({message: 'no locality specified for the nodes', hints: ['add --region R [--zone Z [--subzone S]]']})
  return problems
}

function partProblems({region, zone, subzone}: LocalityLabel): Problem[] {
  const problems: Problem[] = []
  if (subzone !== undefined && zone === undefined)
    problems.push({message: '--subzone requires --zone', hints: ['a subzone is a part of a zone']})
  if (zone !== undefined && region === undefined)
    problems.push({message: '--zone requires --region', hints: ['a zone is a part of a region']})
  return problems
}
