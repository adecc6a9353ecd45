import {expect, test} from 'vitest'
import {serviceChecks} from '../../../../src/features/federate/preflight/checks-services.ts'
import {buildServiceImport} from '../../../../src/mesh/services/objects.ts'
import {exporter, hello, place} from '../../../mesh/services/samples-imports.ts'
import {findingsOf, subject} from './samples.ts'

const imports = buildServiceImport(place, hello({east: exporter('east')}))
  .map(({object}) => object)
  .filter(({kind}) => kind === 'ServiceEntry')
const data = {mode: 'gateways', dns: 'istio', cluster: 'w'}
const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data}
const gateways = {mode: 'gateways', captureDns: true}

test('imported services remain only in gateways mode', () => {
  expect(serviceChecks.map(({id}) => id)).toEqual(['exporter-name', 'imports-left'])
  expect(findingsOf(subject({raw: gateways, west: {imports, record}}))).toEqual([])
  expect(findingsOf(subject({west: {imports}}))).toMatchObject([
    {
      check: 'imports-left',
      cluster: 'west',
      level: 'warning',
      message: '1 imported service under .global from gateways mode will not be updated any more',
    },
  ])
})

test('a cluster joins under its former name', () => {
  expect(findingsOf(subject({raw: {...gateways, clusterName: ['west=x']}, west: {record}}))).toMatchObject([
    {
      check: 'exporter-name',
      cluster: 'x',
      message: 'the cluster joined as w, and the other clusters import its services under that name',
      hints: ['--cluster-name west=w, or omit it', 'or remove the cluster first: kubectl mesh federate remove'],
    },
  ])
})
