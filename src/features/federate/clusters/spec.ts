import {type ClusterSelection, parseClusterSource, sourceForm} from '../../../engine/cluster-sources/source.ts'
import type {Problem} from '../../../errors.ts'
import {type Field, FieldProblem, type Raw, type SpecOf, textOf} from '../../../spec/field.ts'
import {isMap} from '../../../text/json.ts'
import {federationFields, validateFederation} from '../spec.ts'

const keys = ['from', 'matchLabels']

/** `spec.clusters` of a Federation document. */
const clusters: Field<ClusterSelection | undefined> = {
  kind: 'text',
  flag: 'clusters',
  about:
    'clusters of an inventory that join beside those of contexts: {from: SOURCE, matchLabels: {KEY: VALUE}}, with a source as for --clusters-from',
  perRun: true,
  fallback: undefined,
  parse: parseSelection,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['from'],
    properties: {
      from: {type: 'string', description: `source of clusters: ${sourceForm}`},
      matchLabels: {type: 'object', additionalProperties: {type: ['string', 'number']}},
    },
  },
}

/** The fields of the mesh file `Federation`. */
export const federationFileFields = {...federationFields, clusters}

/**
 * Cross-field validation of a mesh file. The clusters of a source are not known before it is read, so placeholders and all contexts
 * that other fields name stand for them. `federate` validates the real ones.
 */
export function validateFederationFile({clusters: selection, ...spec}: SpecOf<typeof federationFileFields>): Problem[] {
  if (selection === undefined) return validateFederation(spec)
  const {clusterName, network, server, primary} = spec
  const named = [clusterName, network, server].flatMap(Object.keys)
  const unknown = [...named, ...(primary === undefined ? [] : [primary]), 'ONE', 'OTHER']
  return validateFederation({...spec, contexts: [...new Set([...spec.contexts, ...unknown])]})
}

/**
 * Parses `spec.clusters`.
 *
 * @throws FieldProblem
 */
export function parseSelection(raw: Raw): ClusterSelection {
  if (!isMap(raw)) throw new FieldProblem('must be a map with the key from: SOURCE')
  const unknown = Object.keys(raw).find(key => !keys.includes(key))
  if (unknown !== undefined)
    throw new FieldProblem(`has an unknown key ${unknown.slice(0, 100)}; known keys: ${keys.join(', ')}`)
  if (raw.from === undefined) throw new FieldProblem('needs the key from: SOURCE')
  const from = textOf(raw.from as Raw)
  if (!parseClusterSource(from)) throw new FieldProblem(`from: ${from} is not a source; expected ${sourceForm}`)
  const labels = raw.matchLabels ?? {}
  if (!isMap(labels)) throw new FieldProblem('matchLabels must be a map')
  const matchLabels = Object.entries(labels).map(([key, value]) => [key, textOf(value as Raw)])
  return {from, matchLabels: Object.assign(Object.create(null), Object.fromEntries(matchLabels))}
}
