import {formatLocality} from '../istio.ts'
import type {Served} from '../istio-serve.ts'

/** A part of the requests of a client, and where it goes. */
export interface Share {
  /** Locality and labels of the endpoints: `eu-1/a version=v1`. */
  to: string
  /** Above 0, up to 1. All shares of a client add up to 1. */
  part: number
}

/** Returns the endpoints of a group, for the user: their locality and the labels that Istio compares. */
export function groupText({group}: Served): string {
  return [formatLocality(group.locality), ...Object.entries(group.labels).map(pair => pair.join('='))].join(' ')
}

/**
 * Where the requests of a client go while all endpoints are healthy: by the shares of `distribute`, else to the endpoints
 * of the first priority, in proportion to their number.
 *
 * @returns nothing if no endpoint serves the client
 */
export function sharesOf(served: readonly Served[]): Share[] {
  const first = Math.min(...served.map(({priority}) => priority))
  const weights = served
    .map(one => ({to: groupText(one), weight: weightOf(one, first)}))
    .filter(({weight}) => weight > 0)
  const all = weights.reduce((sum, {weight}) => sum + weight, 0)
  return weights.map(({to, weight}) => ({to, part: weight / all}))
}

/** The groups that are used, in this order, when those of `sharesOf` do not have enough healthy endpoints. */
export function failoverOf(served: readonly Served[]): string[] {
  const first = Math.min(...served.map(({priority}) => priority))
  return served.filter(one => weightOf(one, first) === 0 && one.group.count > 0).map(groupText)
}

function weightOf({share, priority, group}: Served, first: number): number {
  if (share !== undefined) return share
  return priority === first ? group.count : 0
}
