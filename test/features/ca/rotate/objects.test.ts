import {expect, test} from 'vitest'
import {buildStage, stageAnnotation} from '../../../../src/features/ca/rotate/objects.ts'
import {readCaSecret} from '../../../../src/mesh/ca/objects.ts'
import {cacerts, cas, next, old} from './samples-rotation.ts'

const both = old.pem + next.pem
const member = (data: Record<string, string>) => ({name: 'east', systemNamespace: 'mesh-a', data})

test('trust: the CA keeps its bytes, also if the folder has another one', async () => {
  const live = await old.issue('east')
  const change = buildStage(member(cacerts(live, old.pem)), {stage: 'trust', isBelow: 'old', cas})
  expect(readCaSecret(change.object)).toEqual(cacerts(live, both))
  expect(change.object.metadata.annotations).toEqual({[stageAnnotation]: 'trust'})
})

test('issue: the CA below the new root', () => {
  const change = buildStage(member(cacerts(cas.old, both)), {stage: 'issue', isBelow: 'old', cas})
  expect(readCaSecret(change.object)).toEqual(cacerts(cas.next, `${both}\n`))
  expect(change.object.metadata.annotations).toEqual({[stageAnnotation]: 'issue'})
})

test('the end, and the way back', () => {
  const issued = member(cacerts(cas.next, `${both}\n`))
  const end = buildStage(issued, {stage: 'new', isBelow: 'next', cas})
  expect(readCaSecret(end.object)).toEqual(cacerts(cas.next, next.pem))
  expect(end.object.metadata.annotations).toBeUndefined()
  const back = buildStage(issued, {stage: 'trust', isBelow: 'next', cas})
  expect(readCaSecret(back.object)).toEqual(cacerts(cas.old, both))
  const begin = buildStage(member(cacerts(cas.old, both)), {stage: 'old', isBelow: 'old', cas})
  expect(readCaSecret(begin.object)).toEqual(cacerts(cas.old, old.pem))
  expect(begin.object.metadata.annotations).toBeUndefined()
})
