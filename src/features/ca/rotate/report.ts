import {formatTable} from '../../../terminal/output/table.ts'
import {nameOf, type Stage} from './istio-stages.ts'

/** A cluster in the table of stages. */
export interface StageRow {
  name: string
  stage: Stage
  /** The stage that follows; undefined if the cluster does not change. */
  to: Stage | undefined
  proxies: number
}

/** What changes when a cluster enters a stage. */
const changes: Readonly<Record<Stage, string>> = {
  old: 'trust only the old root',
  trust: 'trust both roots, with the CA below the old one',
  issue: 'trust both roots, with a CA below the new one',
  new: 'trust only the new root',
}

/** One row per cluster: its stage, and what changes. */
export function formatStages(rows: readonly StageRow[]): string {
  return formatTable(
    ['cluster', 'stage', 'next', 'proxies', 'change'],
    rows.map(({name, stage, to, proxies}) => [
      name,
      stage === 'old' ? 'none' : nameOf(stage),
      to === undefined ? '-' : to === 'old' ? 'none' : nameOf(to),
      String(proxies),
      to === undefined ? 'none' : changes[to],
    ]),
  )
}

/** How many proxies request certificates when a cluster enters a stage. */
export function requestText(proxies: number): string {
  return proxies === 1 ? '1 proxy requests a new certificate' : `${proxies} proxies request new certificates`
}
