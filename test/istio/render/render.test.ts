import {describe, test} from 'vitest'
import {istioOperator} from '../../../src/istio/render/operator.ts'
import {sailResources} from '../../../src/istio/render/sail.ts'
import {helmValues} from '../../../src/istio/render/values.ts'
import {dumpYaml} from '../../../src/text/yaml.ts'
import {expectGolden} from '../../support/golden.ts'
import {member, tenant} from './samples.ts'

describe.each([
  ['tenant', tenant],
  ['member', member],
] as const)('goldens: %s', (name, input) => {
  test('IstioOperator', () => expectGolden(`render/${name}-operator.yaml`, dumpYaml(istioOperator(input))))
  test('Helm values', () => expectGolden(`render/${name}-values.yaml`, dumpYaml(helmValues(input))))
  test('Sail resources', () =>
    expectGolden(
      `render/${name}-sail.yaml`,
      sailResources(input)
        .map(object => `---\n${dumpYaml(object)}`)
        .join(''),
    ))
})
