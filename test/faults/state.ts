import type {Ground} from '../support/ground/ground.ts'
import {comparable, readAll} from '../support/ground/objects.ts'
import type {AnyObject} from '../support/servers/api.ts'

/** All objects of one cluster, by `PATH NAMESPACE/NAME`. */
export type Objects = Record<string, AnyObject>

/**
 * Paths that are not compared: pods and nodes, and CustomResourceDefinitions, because they are large and no command of a scenario
 * creates any.
 */
const skipped = /(customresourcedefinitions|nodes|pods)$/

/** Reads all objects of all clusters of a ground. */
export function readState(ground: Ground): Promise<Objects[]> {
  return Promise.all(ground.clusters.map(({api}) => readAll(api, '', 'everything', skipped)))
}

/**
 * Converts states so that two runs give equal values: without UIDs, versions, times, tokens, and the numbers in names of Secrets
 * behind tokens, because each rotation counts on.
 *
 * @param skip keys of objects to leave out, for each cluster
 */
export function comparableState(states: readonly Objects[], namespace: string, skip: ReadonlySet<string>[]): Objects[] {
  return states.map((objects, at) => {
    const kept = Object.entries(objects).filter(([key]) => !skip[at]!.has(key))
    const plain = comparable(Object.fromEntries(kept.map(([key, object]) => [key, withoutUids(object)])), namespace)
    return withoutTokenNumbers(plain as Objects)
  })
}

/** A second Secret for the same token keeps its number, so that it is a difference. */
function withoutTokenNumbers(objects: Objects): Objects {
  const result: Objects = {}
  for (const [key, object] of Object.entries(objects)) {
    const plain = unnumbered(key)
    result[plain in result ? key : plain] = JSON.parse(unnumbered(JSON.stringify(object)))
  }
  return result
}

function unnumbered(text: string): string {
  return text.replace(/(\bistio-(?:remote|reader-service-account)[a-z-]*-token)\d+/g, '$1')
}

/** Removes the UIDs from a list of members. */
function withoutUids(object: AnyObject): AnyObject {
  const {members, ...data} = (object.data ?? {}) as Record<string, string>
  return members === undefined ? object : {...object, data: {...data, members: members.replace(/ \S+$/gm, '')}}
}

/** Describes the differences between two states, at most ten. */
export function differences(expected: readonly Objects[], actual: readonly Objects[]): string[] {
  const lines = expected.flatMap((objects, at) => {
    const others = actual[at]!
    const keys = [...new Set([...Object.keys(objects), ...Object.keys(others)])].sort()
    return keys.flatMap(key => {
      const [before, after] = [objects[key], others[key]].map(object => object && JSON.stringify(object))
      if (before === after) return []
      if (before === undefined) return [`cluster ${at}: ${key} exists; expected not to`]
      if (after === undefined) return [`cluster ${at}: ${key} is missing`]
      return [`cluster ${at}: ${key} differs: ${firstDifference(before, after)}`]
    })
  })
  return lines.length > 10 ? [...lines.slice(0, 10), `and ${lines.length - 10} more`] : lines
}

function firstDifference(before: string, after: string): string {
  let at = 0
  while (before[at] === after[at]) at++
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 100)
  return `…${around(after)}…; expected …${around(before)}…`
}
