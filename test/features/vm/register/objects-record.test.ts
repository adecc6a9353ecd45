import {expect, test} from 'vitest'
import {buildVmRecord} from '../../../../src/features/vm/register/objects-record.ts'
import {readRegistration} from '../spec-support.ts'

test('the record is in the system namespace, outside the ApplySet of the VM', () => {
  const spec = readRegistration({systemNamespace: 'mesh', serviceAccount: 'shop'})
  expect(buildVmRecord(spec, 'east')).toMatchObject({
    stays: true,
    object: {
      metadata: {namespace: 'mesh', name: 'kubectl-mesh-vm-vm-web'},
      data: {cluster: 'east', spec: '{"name":"web","namespace":"vm","serviceAccount":"shop","systemNamespace":"mesh"}'},
    },
  })
})
