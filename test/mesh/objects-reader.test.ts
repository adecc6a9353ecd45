import {expect, test} from 'vitest'
import {buildReader, buildReaderToken, readerKinds, readerRefs} from '../../src/mesh/objects-reader.ts'
import {frozen} from '../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../support/golden.ts'

test('golden: account, rights and the four kinds of token', async () => {
  const token = {cluster: 'east', systemNamespace: 'istio-system'}
  const changes = [
    ...buildReader('east', 'istio-system', frozen({writesAsLeader: false, readsSecrets: true})),
    buildReaderToken(frozen({...token, bound: false})),
    buildReaderToken(frozen({...token, peer: 'west', bound: false})),
    buildReaderToken(frozen({...token, bound: true})),
    buildReaderToken(frozen({...token, peer: 'west', bound: true})),
  ]
  await expectGolden('reader.yaml', textOfChanges(changes))
  const kinds = new Set(readerKinds.map(({apiVersion, kind}) => `${apiVersion} ${kind}`))
  expect(new Set(changes.map(({object}) => `${object.apiVersion} ${object.kind}`))).toEqual(kinds)
})

test('two control planes in one cluster have separate ClusterRoles', () => {
  const roles = (namespace: string) => readerRefs(namespace).map(({name}) => name)
  expect(roles('a').slice(1)).not.toEqual(roles('b').slice(1))
})

test.each([true, false])('the ClusterRole may read Secrets: %s', readsSecrets => {
  const role = buildReader('east', 'istio-system', {writesAsLeader: true, readsSecrets})[1]!.object
  const resources = (role.rules as {resources: string[]}[]).flatMap(rule => rule.resources)
  expect(resources.includes('secrets')).toBe(readsSecrets)
  expect(resources).toEqual(expect.arrayContaining(['pods', 'configmaps', 'mutatingwebhookconfigurations']))
})
