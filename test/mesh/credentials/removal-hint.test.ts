import {expect, test} from 'vitest'
import {credentialRemovalHint} from '../../../src/mesh/credentials/removal-hint.ts'

const secret = {context: 'east', systemNamespace: 'istio-system', name: 'bundle', keys: ['west', 'south']}
const patch = 'kubectl --context east -n istio-system patch secret bundle --type=json -p'

test('a Secret with other credentials is patched; one without is deleted', () => {
  expect(credentialRemovalHint(secret, ['west'])).toBe(`${patch} '[{"op":"remove","path":"/data/west"}]'`)
  expect(credentialRemovalHint({...secret, keys: ['a/b~c', 'd']}, ['a/b~c'])).toBe(
    `${patch} '[{"op":"remove","path":"/data/a~1b~0c"}]'`,
  )
  for (const keys of [['west'], [], ['west', 'west']])
    expect(credentialRemovalHint({...secret, keys}, ['west'])).toBe(
      'kubectl --context east -n istio-system delete secret bundle',
    )
})
