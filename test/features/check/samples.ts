import type {CheckFacts} from '../../../src/features/check/facts.ts'
import type {Forecasts} from '../../../src/mesh/capacity/read.ts'
import {controlPlane, facts, member} from '../../mesh/samples.ts'

export const now = new Date('2030-01-01T00:00:00Z')
export const day = 24 * 3_600_000
export const inDays = (days: number) => new Date(now.getTime() + days * day)

/** Facts of two clusters without anything that expires or is wrong. */
export function checkFacts(differs: Partial<CheckFacts> = {}): CheckFacts {
  const members = ['east', 'west'].map(name =>
    member(name, facts(name, {controlPlanes: [controlPlane(name, {version: '1.31.0'})]})),
  )
  return {
    federation: {
      report: {rows: members.map(({cluster}) => ({cluster, caExpires: undefined})), held: [], findings: []},
      members,
    },
    federationChecks: [{id: 'versions', about: 'versions are compatible'}],
    drift: [],
    tenants: [],
    certificates: [],
    kiali: [],
    vmTokens: [],
    webhooks: [],
    forecasts: {now: undefined, uncounted: []},
    unread: [],
    ...differs,
  }
}

/** Forecasts for today and for a requested size. */
export const forecasts: Forecasts = (() => {
  const size = {clusters: 2, endpoints: 300, largest: 200, secrets: 4, watches: 9, requests: 200}
  const memory = {withoutProxies: 123.4, withProxies: 1234}
  return {now: {...size, memory}, at: {...size, clusters: 100, endpoints: 40_000, memory}, uncounted: []}
})()
