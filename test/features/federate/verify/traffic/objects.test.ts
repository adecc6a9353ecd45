import {expect, test} from 'vitest'
import {buildHello} from '../../../../../src/features/federate/verify/traffic/objects.ts'
import {dumpYaml} from '../../../../../src/text/yaml.ts'
import {expectGolden} from '../../../../support/golden.ts'

const images = {client: 'curl:1', server: 'hello:1'}

test('golden: HelloWorld and a client, with the injection label of the revision', async () => {
  const first = buildHello({at: 0, namespace: 'mesh-verify-abc123', revision: 'default', images})
  const second = buildHello({at: 1, namespace: 'mesh-verify-abc123', revision: 'r1', images})
  await expectGolden('federate-verify/hello.yaml', [...first, ...second].map(object => dumpYaml(object)).join('---\n'))
})

test('every cluster has another server pod', () => {
  const pods = [0, 1, 2].map(at => buildHello({at, namespace: 'n', revision: 'default', images})[2]?.metadata.name)
  expect(pods).toEqual(['helloworld-v1-0', 'helloworld-v2-1', 'helloworld-v2-2'])
})
