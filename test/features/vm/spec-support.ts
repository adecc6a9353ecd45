import fc from 'fast-check'
import {type VmRegistration, vmRegisterFields} from '../../../src/features/vm/spec.ts'
import {validateVmRegister} from '../../../src/features/vm/spec-validation.ts'
import {readSpec} from '../../../src/spec/read.ts'

const required = {name: 'web', namespace: 'vm', serviceAccount: 'web'}

/** The Spec of a registration from its required fields and some more. */
export function readRegistration(raw: object = {}): VmRegistration {
  return readSpec(vmRegisterFields, {...required, ...raw}, validateVmRegister) as VmRegistration
}

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,12}[a-z0-9])?$/)

/** Any valid input. */
export const validInput = fc.record(
  {
    labels: fc.dictionary(label, fc.stringMatching(/^[a-z0-9]{0,5}$/), {maxKeys: 3}),
    ports: fc
      .uniqueArray(fc.tuple(label, fc.integer({min: 1, max: 65_535})), {
        selector: ([name]) => name,
        maxLength: 3,
        minLength: 1,
      })
      .map(pairs => [...new Map(pairs.map(([name, number]) => [number, `${name}:${number}`])).values()]),
    addresses: fc.uniqueArray(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        label.map(name => `${name}.example.com`),
      ),
      {maxLength: 3},
    ),
    network: label,
    locality: fc.constantFrom('r', 'r/z', 'r/z/s'),
    weight: fc.integer({min: 1, max: 1000}).map(String),
    probe: fc.constantFrom('http:80/x', 'tcp:81', 'exec:/bin/true now'),
    captureDns: fc.boolean(),
    tokenDuration: fc.constantFrom('10m', '1h', '36h', '90m', '601s'),
    revision: label,
    format: fc.constantFrom('files', 'script'),
  },
  {requiredKeys: []},
)
