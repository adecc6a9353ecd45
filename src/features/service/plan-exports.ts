import type {Exporter} from '../../mesh/services/objects.ts'
import {type Offer, offersOf, type Refusal} from '../../mesh/services/offers.ts'
import {type ExportedService, type ImportPlan, planImports} from '../../mesh/services/plan-imports.ts'
import type {ExportingCluster, ImportingCluster} from '../../mesh/services/read.ts'
import {knownDomain, knownIdentities} from './import-changes.ts'
import {defaultDomain} from './spec.ts'

/** What clusters export, and what each importing cluster imports then. */
export interface ExportPlan {
  offers: Offer[]
  /** One plan per importing cluster, in their order. */
  imports: ImportPlan[]
  /** Services that cannot be exported or imported. */
  refusals: Refusal[]
  notes: ImportPlan['notes']
}

/**
 * Plans the export of the selected services of some clusters to others.
 *
 * @param clusterDomain DNS domain of the exporting clusters; undefined to keep that of their earlier exports
 * @param isWithdrawn whether an exporter of an existing import is removed
 */
export function planExports(
  exporting: readonly ExportingCluster[],
  importing: readonly ImportingCluster[],
  clusterDomain: string | undefined,
  isWithdrawn: (service: ExportedService, exporter: Exporter) => boolean,
): ExportPlan {
  const results = exporting.map(one => {
    const domain = clusterDomain ?? knownDomain(importing, one.name) ?? defaultDomain
    return offersOf(one, domain, knownIdentities(importing, one.name))
  })
  const offers = results.flatMap(one => one.offers)
  const imports = importing.map(one => planImports(one, offers, isWithdrawn))
  return {
    offers,
    imports,
    refusals: [...results, ...imports].flatMap(one => one.refusals),
    notes: imports.flatMap(one => one.notes),
  }
}
