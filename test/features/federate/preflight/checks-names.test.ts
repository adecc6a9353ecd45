import {expect, test} from 'vitest'
import {clusterIdChecks, nameChecks} from '../../../../src/features/federate/preflight/checks-names.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {cases} from './cases.ts'
import {findingsOf, subject, testCases} from './samples.ts'

testCases([...nameChecks, ...clusterIdChecks], cases)

test('cluster names that are not DNS labels', () => {
  const findings = findingsOf(subject({contexts: ['east', '日本'], west: {controlPlanes: []}}))
  const found = findings.filter(({check}) => check === 'cluster-names')
  expect(found.map(({message, hints}) => [message, hints])).toEqual([
    [expect.stringContaining('context 日本: the cluster name 日本 is not a DNS label'), ["--cluster-name '日本=NAME'"]],
  ])
})

test('in gateways mode the cluster ID of istiod does not matter', () => {
  const raw = {mode: 'gateways', captureDns: true, clusterName: ['west=b']}
  expect(runChecks(clusterIdChecks, subject({raw, plane: {cluster: 'a'}}))).toEqual([])
})
