import type {RequestedValues} from './input.ts'
import {parseSet, SetProblem, withSet} from './set.ts'
import {isTree, type Leaf, mergeTrees, type Tree} from './tree.ts'

/** Fields of an IstioOperator's spec that have a Helm value, and the path of that value. */
const aliases: ReadonlyMap<string, readonly string[]> = new Map([
  ['meshConfig', ['meshConfig']],
  ['revision', ['revision']],
  ['hub', ['global', 'hub']],
  ['tag', ['global', 'tag']],
  ['namespace', ['global', 'istioNamespace']],
])

/** Fields of an IstioOperator's spec that have no Helm value (istio operator/pkg/apis, IstioOperatorSpec, 1.24–1.31). */
const operatorKeys = ['profile', 'components', 'unvalidatedValues', 'compatibilityVersion', 'installPackagePath']

/**
 * Merges the requested values: files in their order, then each `--set`. A file is an IstioOperator or Helm values of the
 * istiod chart. A path of `--set` is a path in either (`values.pilot.env.A`, `meshConfig.accessLogFile`, `pilot.env.A`).
 *
 * @param files parsed content of each file, with its name for messages
 * @throws SetProblem whose message begins with the flag and its value
 */
export function parseRequestedValues(
  files: readonly {name: string; content: unknown}[],
  sets: readonly string[],
): RequestedValues {
  let requested: RequestedValues = {values: {}, operator: {}}
  for (const {name, content} of files) {
    if (!isTree(content)) throw new SetProblem(`--values ${name}: is not a map of values`)
    requested = mergeRequested(requested, isOperator(content) ? fromOperator(content) : {values: content, operator: {}})
  }
  for (const text of sets) {
    try {
      const {path, value} = parseSet(text)
      requested = withOne(requested, path, value)
    } catch (error) {
      if (!(error instanceof SetProblem)) throw error
      throw new SetProblem(`--set ${text} ${error.message}`)
    }
  }
  return requested
}

function withOne(requested: RequestedValues, path: readonly (string | number)[], value: Leaf): RequestedValues {
  const [first, ...rest] = path as [string, ...(string | number)[]]
  // `profile.a` is a path in Helm values: the profile of an IstioOperator is a text.
  if (operatorKeys.includes(first) && !(first === 'profile' && rest.length > 0))
    return {...requested, operator: withSet(requested.operator, path, value)}
  const inValues = first === 'values' ? rest : [...(aliases.get(first) ?? [first]), ...rest]
  if (inValues.length === 0) throw new SetProblem('sets no value: values is a map')
  return {...requested, values: withSet(requested.values, inValues, value)}
}

function isOperator(content: Tree): boolean {
  return content.kind === 'IstioOperator'
}

function fromOperator(content: Tree): RequestedValues {
  const {values, ...rest} = isTree(content.spec) ? content.spec : {}
  let requested: RequestedValues = {values: isTree(values) ? values : {}, operator: {}}
  for (const [key, value] of Object.entries(rest)) {
    const path = aliases.get(key)
    if (path === undefined) requested = {...requested, operator: {...requested.operator, [key]: value}}
    else requested = mergeRequested(requested, {values: withSet({}, path, value), operator: {}})
  }
  return requested
}

/** Merges two sets of requested values. Values in the second set override those in the first. */
export function mergeRequested(one: RequestedValues, other: RequestedValues): RequestedValues {
  return {values: mergeTrees(one.values, other.values), operator: mergeTrees(one.operator, other.operator)}
}
