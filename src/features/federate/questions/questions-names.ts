import type {MeshMember} from '../../../mesh/members.ts'
import {clusterInRecord} from '../../../mesh/record.ts'
import {clusterNameFrom, parseContextReference} from '../../../spec/context-ref.ts'
import {dnsLabel} from '../../../spec/texts.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askText} from '../../../terminal/prompts.ts'

/**
 * Asks for the names of clusters whose only name is that of their context, if it is no valid name of a cluster or another
 * cluster has the same one.
 *
 * @returns names by context; those that differ from the default
 */
export async function askClusterNames(
  all: readonly MeshMember[],
  named: Readonly<Record<string, string>>,
  terminal: Terminal,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  const taken = new Map<string, string>()
  for (const member of all) {
    const {context, cluster} = member
    if (!needsName(member, named, taken)) {
      taken.set(cluster, context)
      continue
    }
    const name = await askText(terminal, {
      message: `Name of cluster ${context} in the mesh:`,
      fallback: proposedName(cluster, new Set([...taken.keys(), ...all.map(one => one.cluster)]), taken),
      check: text => dnsLabel(text) ?? (taken.has(text) ? `is the name of ${taken.get(text)}` : undefined),
    })
    taken.set(name, context)
    if (name !== cluster) answers[context] = name
  }
  return answers
}

function needsName(
  {context, cluster, facts, controlPlane}: MeshMember,
  named: Readonly<Record<string, string>>,
  taken: ReadonlyMap<string, string>,
): boolean {
  const isKnown =
    named[context] !== undefined || controlPlane?.cluster === cluster || clusterInRecord(facts?.record) === cluster
  if (isKnown || parseContextReference(context)) return false
  return dnsLabel(context) !== undefined || taken.has(cluster)
}

/** The derived name if it is valid and free, otherwise one with a number. */
export function proposedName(derived: string, all: ReadonlySet<string>, taken: ReadonlyMap<string, string>): string {
  const base = dnsLabel(derived) === undefined ? derived : clusterNameFrom('cluster')
  if (base === derived && !taken.has(base)) return base
  let number = base === derived ? 2 : 1
  while (all.has(`${base}-${number}`)) number++
  return `${base}-${number}`
}
