import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  buildTrafficClient,
  buildTrafficServer,
  isTrafficNamespace,
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
      const name = trafficNamespace(tenant, 'abc123')
      expect(name).toMatch(/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      expect(isTrafficNamespace(name, tenant)).toBe(true)
    }),
  )
})

test.each(['kube-system', 'mesh-traffic-t1', 'mesh-traffic-t1-', 'mesh-traffic-t10-abc123', 'mesh-traffic-t1-abc-123'])(
  '%s is no temporary namespace of t1',
  name => expect(isTrafficNamespace(name, 't1')).toBe(false),
)
