import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  buildTrafficClient,
  buildTrafficServer,
  trafficNamespace,
} from '../../../../src/features/tenant/verify/objects-traffic.ts'
import {dumpYaml} from '../../../../src/text/yaml.ts'
import {expectGolden} from '../../../support/golden.ts'

test('golden file: temporary workloads', async () => {
  const side = (tenant: string) => ({
    tenant,
    revision: tenant,
    label: {key: 'usergroup', value: tenant},
    namespace: trafficNamespace(tenant, 'abc123'),
  })
  const sides = [side('one'), side('two')]
  const objects = [
    ...buildTrafficServer(sides[0]!, 'image:1'),
    buildTrafficClient(
      sides[0]!,
      [
        {...sides[0]!, podIp: '10.0.0.1'},
        {...sides[1]!, podIp: 'fd00::1'},
      ],
      'image:1',
    ),
  ]
  await expectGolden('tenant/traffic.yaml', objects.map(each => `---\n${dumpYaml(each)}`).join(''))
})

test('the name of a temporary namespace is a DNS label for every name of a tenant', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/), tenant => {
      expect(trafficNamespace(tenant, 'abc123')).toMatch(/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    }),
  )
})
