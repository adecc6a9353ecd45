import {expect, test} from 'vitest'
import {splitSet} from '../../../../src/features/files/prune/set.ts'
import {meshKinds} from '../../../../src/kinds/kinds.ts'
import {documentOf, kindOf} from '../samples.ts'

const tenant = documentOf(kindOf('Tenant'), 'shop')
const named = async () => ({
  ...documentOf(await meshKinds.MeshSet!(), 'prod'),
  context: undefined,
  spec: {name: 'prod', contexts: ['west']},
})

test('the document that names the set is none of its documents', async () => {
  const files = splitSet([await named(), tenant], undefined)
  expect(files).toEqual({documents: [tenant], set: {name: 'prod', contexts: ['west']}})
})

test('--name takes precedence; contexts stay', async () => {
  expect(splitSet([await named()], 'other').set).toEqual({name: 'other', contexts: ['west']})
  expect(splitSet([tenant], 'other').set).toEqual({name: 'other', contexts: []})
  expect(splitSet([tenant], undefined).set).toBeUndefined()
})

test('an invalid or empty name is refused', () => {
  for (const name of ['', 'A B'])
    expect(() => splitSet([tenant], name)).toThrow(expect.objectContaining({exit: 2, message: expect.any(String)}))
})

test('an empty name has the reason', () => expect(() => splitSet([tenant], '')).toThrow('--name is empty'))
