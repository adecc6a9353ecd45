import {noDns} from '../../../src/mesh/dns/facts.ts'
import {type Exporter, servicesApplySet} from '../../../src/mesh/services/objects.ts'
import type {ExportingCluster, ImportingCluster} from '../../../src/mesh/services/read.ts'
import {base, exporting} from '../../mesh/services/samples.ts'

/** `east`, which can export the Service `sample/hello`. */
export const east: ExportingCluster = exporting()

/** `west`, which imports nothing yet. */
export const west: ImportingCluster = {
  ...base('west'),
  invalid: [],
  problems: [],
  members: [],
  unrecorded: [],
  lost: [],
  foreignEntries: [],
  outsideEntries: [],
  rules: [],
  imports: [],
  set: servicesApplySet({systemNamespace: 'istio-system'}),
  replaced: [],
  hasParent: false,
  dns: noDns,
}

/** An exporter of `hello` as an earlier run recorded it. */
export const exporter: Exporter = {
  addresses: ['203.0.113.1'],
  port: 15443,
  network: 'net-east',
  identities: ['spiffe://cluster.local/ns/sample/sa/hello'],
  ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
  clusterDomain: 'cluster.local',
}

export const hello = {name: 'hello', namespace: 'sample', addresses: []}
