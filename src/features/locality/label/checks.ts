import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {namesInShort} from '../../../text/short-names.ts'
import {type Locality, parseLocality} from '../istio.ts'
import {matchesPattern} from '../spec-texts.ts'
import {type LabelConflict, labelConflicts} from './objects.ts'
import type {LocalityLabel} from './spec.ts'

/** What `mesh locality label` checks. */
export interface LabelSubject {
  spec: LocalityLabel
  /** All nodes, or those that `--selector` selects. */
  nodes: readonly KubernetesObject[]
  /** The localities of the file, by node name. */
  localities: ReadonlyMap<string, Locality>
}

/**
 * The requested locality of each selected node. The file takes precedence over patterns, and patterns over `--region`.
 * The locality is empty for nodes whose deprecated labels are only to be translated.
 */
export function requestedLocalities({spec, nodes, localities}: LabelSubject): Map<KubernetesObject, Locality> {
  const listed = new Set(spec.nodes)
  const selectsAll = spec.all || spec.selector !== undefined
  const fromFlags = {region: spec.region ?? '', zone: spec.zone ?? '', subzone: spec.subzone ?? ''}
  const requested = new Map<KubernetesObject, Locality>()
  for (const node of nodes) {
    const {name} = node.metadata
    const pattern = spec.pattern.find(one => matchesPattern(name, one.pattern))
    const locality =
      localities.get(name) ??
      (pattern && parseLocality(pattern.locality)) ??
      (selectsAll || listed.has(name) ? fromFlags : undefined)
    if (locality) requested.set(node, locality)
  }
  return requested
}

const nodesExist: Check<LabelSubject> = {
  id: 'nodes',
  about: 'all specified nodes exist',
  run: ({spec, nodes, localities}) => {
    const names = new Set(nodes.map(({metadata}) => metadata.name))
    const missing = [...spec.nodes, ...localities.keys()].filter(name => !names.has(name))
    const unmatched = spec.pattern.filter(({pattern}) => ![...names].some(name => matchesPattern(name, pattern)))
    const findings: Finding[] = unmatched.map(({pattern}) => ({message: `--pattern ${pattern}: no node name matches`}))
    if (missing.length > 0)
      findings.unshift({
        message: `no such node: ${namesInShort(missing)}`,
        hints: ['kubectl get nodes -L topology.kubernetes.io/zone'],
      })
    if (spec.selector !== undefined && nodes.length === 0)
      findings.push({
        message: `no node matches the selector ${spec.selector}`,
        hints: ['kubectl get nodes --show-labels'],
      })
    return findings
  },
}

const oneLocality: Check<LabelSubject> = {
  id: 'one-place',
  about: 'every node gets one locality',
  run: ({spec, nodes}) => {
    const ambiguous = new Map<string, string[]>()
    for (const {metadata} of nodes) {
      const matching = spec.pattern.filter(({pattern}) => matchesPattern(metadata.name, pattern))
      if (new Set(matching.map(({locality}) => locality)).size < 2) continue
      const patterns = matching.map(({pattern, locality}) => `${pattern}=${locality}`).join(' and ')
      ambiguous.set(patterns, [...(ambiguous.get(patterns) ?? []), metadata.name])
    }
    return [...ambiguous].map(([patterns, names]) => ({
      message: `${namesInShort(names)}: ${patterns} match, with different localities`,
    }))
  },
}

/** An existing label may be intended: a cloud controller or an administrator set it. */
const noLabelReplaced: Check<LabelSubject> = {
  id: 'contradiction',
  about: 'labels with another value are replaced only with --overwrite',
  run: subject => {
    const all = [...requestedLocalities(subject)].flatMap(([node, locality]) => labelConflicts(node, locality))
    const groups = Map.groupBy(all, ({label, value, requested, node}) =>
      JSON.stringify([label, value, requested, cloudOf(node)]),
    )
    return [...groups.values()].map(group => conflictFinding(group, subject.spec.overwrite))
  },
}

/** @param group conflicts with the same label and values, on machines of the same cloud; at least one */
function conflictFinding(group: readonly LabelConflict[], overwrite: boolean): Finding {
  const {label, value, requested, node} = group[0]!
  const names = namesInShort(group.map(one => one.node.metadata.name))
  const cloud = cloudOf(node)
  const where = cloud ? ` on machines of the cloud ${cloud}` : ''
  return overwrite
    ? {
        level: 'warning',
        message: `${names}: ${label} changes from ${value} to ${requested}${where}`,
        hints: cloud ? ['the cloud controller may restore the label'] : [],
      }
    : {
        message: `${names}: ${label} is ${value}${where}; expected ${requested}`,
        hints: ['--overwrite replaces the label'],
      }
}

/** Providers of local and simulated nodes, which are no clouds. */
const localProviders = ['kwok', 'kind', 'k3s']

/** `aws` for the provider ID `aws:///eu-central-1a/i-0123`. Undefined for machines outside of clouds. */
function cloudOf({spec}: KubernetesObject): string | undefined {
  const {providerID = ''} = (spec ?? {}) as {providerID?: string}
  const provider = /^([a-z0-9-]+):\/\//.exec(providerID)?.[1]
  return provider === undefined || localProviders.includes(provider) ? undefined : provider
}

/** The checks of `mesh locality label`, before any write. */
export const labelChecks: readonly Check<LabelSubject>[] = [nodesExist, oneLocality, noLabelReplaced]
