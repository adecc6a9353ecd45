import type {RequestedValues} from './input.ts'
import {parseSet, SetProblem, withSet} from './set.ts'
import {isTree, mergeTrees, type Tree} from './tree.ts'

/** Keys of an IstioOperator's spec that have a place among the Helm values. */
const aliases: Record<string, readonly string[]> = {
  meshConfig: ['meshConfig'],
  revision: ['revision'],
  hub: ['global', 'hub'],
  tag: ['global', 'tag'],
  namespace: ['global', 'istioNamespace'],
}

/** Keys that only an IstioOperator's spec has (istio operator/pkg/apis, IstioOperatorSpec, 1.24–1.31). */
const operatorKeys = ['profile', 'components', 'unvalidatedValues', 'compatibilityVersion', 'installPackagePath']

/**
 * Puts together what the user said: files in their order, then each `--set`. A file is an IstioOperator or plain Helm
 * values of the istiod chart; a path of `--set` is that of either (`values.pilot.env.A`, `meshConfig.accessLogFile`, `pilot.env.A`).
 *
 * @param files content of each file, with its name for errors
 * @throws SetProblem whose message begins with the flag and what it said
 */
export function parseRequestedValues(
  files: readonly {name: string; content: unknown}[],
  sets: readonly string[],
): RequestedValues {
  let said: RequestedValues = {values: {}, operator: {}}
  for (const {name, content} of files) {
    if (!isTree(content)) throw new SetProblem(`--values ${name}: is no map of values`)
    said = merged(said, isOperator(content) ? fromOperator(content) : {values: content, operator: {}})
  }
  for (const text of sets) {
    try {
      const {path, value} = parseSet(text)
      said = withOne(said, path, value)
    } catch (error) {
      if (!(error instanceof SetProblem)) throw error
      throw new SetProblem(`--set ${text} ${error.message}`)
    }
  }
  return said
}

function withOne(
  said: RequestedValues,
  path: readonly (string | number)[],
  value: Parameters<typeof withSet>[2],
): RequestedValues {
  const [first, ...rest] = path as [string, ...(string | number)[]]
  if (operatorKeys.includes(first) && !(first === 'profile' && rest.length > 0))
    return {...said, operator: withSet(said.operator, path, value)}
  const inValues = first === 'values' ? rest : [...(aliases[first] ?? [first]), ...rest]
  if (inValues.length === 0) throw new SetProblem('says nothing: values is a map')
  return {...said, values: withSet(said.values, inValues, value)}
}

function isOperator(content: Tree): boolean {
  return content.kind === 'IstioOperator'
}

function fromOperator(content: Tree): RequestedValues {
  const {values, ...rest} = isTree(content.spec) ? content.spec : {}
  let said: RequestedValues = {values: isTree(values) ? values : {}, operator: {}}
  for (const [key, value] of Object.entries(rest)) {
    const path = aliases[key]
    if (path === undefined) said = {...said, operator: {...said.operator, [key]: value}}
    else said = merged(said, {values: withSet({}, path, value), operator: {}})
  }
  return said
}

function merged(one: RequestedValues, other: RequestedValues): RequestedValues {
  return {values: mergeTrees(one.values, other.values), operator: mergeTrees(one.operator, other.operator)}
}
