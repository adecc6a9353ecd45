import {expect, test} from 'vitest'
import {vmDocuments} from '../../../../src/features/vm/exported/spec-documents.ts'
import {vmRecordName} from '../../../../src/features/vm/spec-record.ts'
import {recordOf} from '../../../support/round-trip.ts'

test('a VM is found by its own record only', () => {
  const data = {vm: 'vms/db', settings: JSON.stringify({serviceAccount: 'db', name: 'forged'})}
  const name = vmRecordName({namespace: 'vms', name: 'db'})
  const records = [recordOf(name, data), recordOf(vmRecordName({namespace: 'vms', name: 'other'}), data)]
  expect(vmDocuments({context: 'east', records})).toEqual([
    {context: 'east', raw: {serviceAccount: 'db', name: 'db', namespace: 'vms', systemNamespace: 'istio-system'}},
  ])
})
