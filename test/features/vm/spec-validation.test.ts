import {expect, test} from 'vitest'
import {vmRegisterFields} from '../../../src/features/vm/spec.ts'
import {validateVmRegister} from '../../../src/features/vm/spec-validation.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {readRegistration} from './spec-support.ts'

test('reports all missing fields together', () => {
  expect(() => readSpec(vmRegisterFields, {}, validateVmRegister)).toThrow(
    /NAME is missing.*\n--namespace is missing\n--service-account is missing/,
  )
})

test.each([
  [{ports: 'http:80,http:81'}, /--port: name http is specified more than once/],
  [{ports: 'a:80,b:80'}, /--port: number 80 is specified more than once/],
  [{addresses: '10.0.0.1,10.0.0.1'}, /--address 10.0.0.1 is specified more than once/],
  [{hosts: 'a.b'}, /--host requires --port/],
  [{hosts: 'a.b,a.b', ports: 'http:80'}, /--host a.b is specified more than once/],
  [{autoRegister: true, addresses: '10.0.0.1,10.0.0.2'}, /--auto-register allows one --address, got 2/],
  [
    {autoRegister: true, addresses: 'db.example.com'},
    /requires an IP address as --address, got the host name db.example/,
  ],
  [{hosts: 'web.other.svc', ports: 'http:80'}, /Service in namespace other, but the VM is in namespace vm/],
])('rejects %j', (raw, why) => expect(() => readRegistration(raw)).toThrow(why))

test.each([
  {autoRegister: true, addresses: '2001:db8::1'},
  {hosts: 'web.vm.svc,web.example.com', ports: 'http:80'},
  {addresses: '10.0.0.1,db.example.com'},
])('accepts %j', raw => expect(() => readRegistration(raw)).not.toThrow())
