import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Check} from '../../findings/check.ts'
import {namesInShort} from '../../text/short-names.ts'
import type {Locality} from './istio.ts'
import {parseLocality} from './istio.ts'
import {type Contradiction, contradictionsOf} from './objects-label.ts'
import type {LocalityLabel} from './spec-label.ts'
import {fitsPattern} from './spec-texts.ts'

/** What labelling is checked with. */
export interface LabelSubject {
  spec: LocalityLabel
  /** All nodes, or those of the selector. */
  nodes: readonly KubernetesObject[]
  /** Rows of the file, by node. */
  places: ReadonlyMap<string, Locality>
}

/** The places that are wanted, by node, as far as they are said; a node that is only to be translated has an empty one. */
export function wantedPlaces({spec, nodes, places}: LabelSubject): Map<KubernetesObject, Locality> {
  const chosen = new Set(spec.nodes)
  const all = spec.all || spec.selector !== undefined
  const said = {region: spec.region ?? '', zone: spec.zone ?? '', subzone: spec.subzone ?? ''}
  return new Map(
    nodes.flatMap(node => {
      const {name} = node.metadata
      const place = places.get(name)
      const pattern = spec.pattern.find(({pattern}) => fitsPattern(name, pattern))
      if (place) return [[node, place] as const]
      if (pattern) return [[node, parseLocality(pattern.place)] as const]
      return all || chosen.has(name) ? [[node, said] as const] : []
    }),
  )
}

const nodesThere: Check<LabelSubject> = {
  id: 'nodes',
  about: 'all nodes that are named are there',
  run: ({spec, nodes, places}) => {
    const names = new Set(nodes.map(({metadata}) => metadata.name))
    const missing = [...spec.nodes, ...places.keys()].filter(name => !names.has(name))
    const empty = spec.pattern.filter(({pattern}) => ![...names].some(name => fitsPattern(name, pattern)))
    return [
      ...(missing.length > 0
        ? [
            {
              message: `no such node: ${namesInShort(missing)}`,
              hints: ['kubectl get nodes -L topology.kubernetes.io/zone'],
            },
          ]
        : []),
      ...empty.map(({pattern}) => ({message: `--pattern ${pattern}: no node has such a name`})),
      ...(spec.selector !== undefined && nodes.length === 0
        ? [{message: `no node has the labels ${spec.selector}`, hints: ['kubectl get nodes --show-labels']}]
        : []),
    ]
  },
}

const onePlace: Check<LabelSubject> = {
  id: 'one-place',
  about: 'every node is given one place',
  run: ({spec, nodes}) => {
    const twice = new Map<string, string[]>()
    for (const {metadata} of nodes) {
      const fitting = spec.pattern.filter(({pattern}) => fitsPattern(metadata.name, pattern))
      if (new Set(fitting.map(({place}) => place)).size < 2) continue
      const about = fitting.map(({pattern, place}) => `${pattern}=${place}`).join(' and ')
      twice.set(about, [...(twice.get(about) ?? []), metadata.name])
    }
    return [...twice].map(([about, names]) => ({message: `${namesInShort(names)}: ${about} both fit`}))
  },
}

/** Whoever set it may mean it: a cloud's controller, or a person. */
const noContradiction: Check<LabelSubject> = {
  id: 'contradiction',
  about: 'no label that says something else is replaced unasked',
  run: subject => {
    const groups = new Map<string, Contradiction[]>()
    for (const [node, wanted] of wantedPlaces(subject))
      for (const found of contradictionsOf(node, wanted)) {
        const key = JSON.stringify([found.label, found.value, found.wanted, cloudOf(node)])
        groups.set(key, [...(groups.get(key) ?? []), found])
      }
    return [...groups.values()].map(group => {
      const {label, value, wanted, node} = group[0]!
      const names = namesInShort(group.map(one => one.node.metadata.name))
      const cloud = cloudOf(node)
      const by = cloud ? `, on machines of the cloud ${cloud}` : ''
      if (subject.spec.overwrite)
        return {
          level: 'warning' as const,
          message: `${names}: ${label} was ${value}${by}, becomes ${wanted}`,
          hints: cloud ? ["a cloud's controller may set it back"] : [],
        }
      return {
        message: `${names}: ${label} is ${value}${by}, not ${wanted}`,
        hints: ['--overwrite replaces it'],
      }
    })
  },
}

/** `aws` of `aws:///eu-central-1a/i-0123`; undefined for machines of no cloud. */
function cloudOf({spec}: KubernetesObject): string | undefined {
  const cloud = /^([a-z0-9-]+):\/\//.exec((spec as {providerID?: string} | undefined)?.providerID ?? '')?.[1]
  return cloud === 'kwok' || cloud === 'kind' || cloud === 'k3s' ? undefined : cloud
}

export const labelChecks: readonly Check<LabelSubject>[] = [nodesThere, onePlace, noContradiction]
