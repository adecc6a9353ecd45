import type {BalanceCheck} from '../../../../src/features/locality/balance/checks-hosts.ts'
import {localityBalanceFields} from '../../../../src/features/locality/balance/spec.ts'
import type {LocalityFacts} from '../../../../src/features/locality/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {readMeshHost} from '../../../../src/istio/mesh-host.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'
import {localityFacts} from '../../federate/samples-mesh.ts'
import {node, webService, webSlice} from '../samples.ts'

/** A cluster with one endpoint of `shop/web` in each of two zones. */
export const twoZones: Partial<LocalityFacts> = {
  nodes: [node('a', 'r/z1'), node('b', 'q/z2')],
  services: [webService],
  slices: [webSlice('a', 'b')],
}

/** `level check: message` of each finding; `facts` replace those of `twoZones`. */
export function findingsOf(
  checks: readonly BalanceCheck[],
  raw: RawSpec<typeof localityBalanceFields>,
  facts: Partial<LocalityFacts> = {},
): string[] {
  const spec = readSpec(localityBalanceFields, {hosts: ['web'], namespace: 'shop', ...raw})
  const hosts = spec.hosts.map(host => readMeshHost(host, 'shop', 'cluster.local'))
  const subject = {spec, facts: localityFacts({...twoZones, ...facts}), hosts, manager: 'kubectl-mesh'}
  return runChecks(checks, subject).map(({level, check, message}) => `${level} ${check}: ${message}`)
}
