import {expect, test} from 'vitest'
import {formatRotationSteps} from '../../../../src/features/federate/rotate/report.ts'
import {eastAndWest, onlyPair} from './samples-pair.ts'

const options = {systemNamespace: 'istio-system', credentialDuration: undefined, holdMs: 60_000, restartIstiod: false}

test('a dry run shows the steps of each pair', () => {
  expect(formatRotationSteps([onlyPair(eastAndWest())], options)).toMatchInlineSnapshot(`
    "east → west
      1. record the rotation and the current state of every istiod of east
      2. west: create Secret istio-system/istio-remote-token2-east and a token of istio-reader-service-account that does not expire
      3. west: prove that istiod can use the token: review it and list Services with it
      4. east: change the key west of Secret istio-system/istio-remote-secret-west
      5. east: observe every istiod for 1m; restore the current token if it loses anything
      6. west: delete Secret istio-system/istio-remote-token-east once no cluster uses it, and verify that its token is rejected"
  `)
})

test('a restart is a step', () => {
  const text = formatRotationSteps([onlyPair(eastAndWest())], {...options, restartIstiod: true})
  expect(text).toContain('  5. east: restart istiod\n')
})
