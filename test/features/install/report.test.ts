import {expect, test} from 'vitest'
import type {Installed} from '../../../src/features/install/read.ts'
import {controlPlaneListing} from '../../../src/features/install/report.ts'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'
import {controlPlane} from './samples.ts'

const formatControlPlanes = (all: Installed[], format: ListFormat) =>
  formatListing(controlPlaneListing(all, new Date(0)), format)

const installed = [
  {
    controlPlane: controlPlane({namespace: 'mesh', revision: 'r1', network: undefined, version: undefined}),
    via: undefined,
  },
  {controlPlane: controlPlane(), via: 'helm'},
]

test('a table, sorted by namespace', () => {
  expect(formatControlPlanes(installed, 'wide')).toBe(
    `NAMESPACE      REVISION   VERSION   READY   CLUSTER   NETWORK    MESH    MANAGED BY           AGE   TRUST DOMAIN
istio-system   default    1.31.0    1/1     east      net-east   mesh1   kubectl mesh, helm   -     cluster.local
mesh           r1         -         1/1     east      -          mesh1   -                    -     cluster.local
`,
  )
})

test('JSON has a key for every value', () => {
  const {controlPlanes} = JSON.parse(formatControlPlanes(installed, 'json'))
  expect(controlPlanes[1]).toEqual({
    ...{namespace: 'mesh', revision: 'r1', version: null, cluster: 'east', network: null, meshId: 'mesh1'},
    ...{trustDomain: 'cluster.local', ready: 1, replicas: 1, managedBy: null, created: null},
  })
})
