import {expect, test} from 'vitest'
import {isSealed, sealProblem} from '../../../../src/features/files/render/objects-sealed.ts'
import {secret} from '../../../terminal/output/steps.ts'

const clear = secret('a', {token: 'opensesame', chain: ''})
const encrypted = 'ENC[AES256_GCM,data:JD6esg==,iv:dj=,tag:yb==,type:str]'
const sops = {mac: encrypted}
const output = {...clear, data: {chain: '', token: encrypted}, sops}

test('only encrypted values are accepted, and everything else as it was', () => {
  expect(sealProblem(clear, output)).toBeUndefined()
  expect(isSealed(output)).toBe(true)
})

test.each([
  ['it contains no metadata of sops', {...output, sops: undefined}],
  ['it contains no metadata of sops', undefined],
  ['data.token is not encrypted', {...output, data: clear.data}],
  ['data.token is not encrypted', {...output, data: {chain: '', token: `${encrypted}opensesame`}}],
  ['data.token is not encrypted', {...output, data: {chain: '', token: ['opensesame']}}],
  ['data.chain is not encrypted', {...output, data: {chain: 'opensesame', token: encrypted}}],
  ['data has other keys', {...output, data: {token: encrypted}}],
  ['stringData has other keys', {...output, stringData: {token: 'opensesame'}}],
  ['fields beside data are not as they were', {...output, metadata: {...clear.metadata, name: encrypted}}],
  ['fields beside data are not as they were', {...output, note: 'opensesame'}],
])('%s', (problem, other) => expect(sealProblem(clear, other)).toBe(problem))

test('a Secret in a file is sealed if all of its values are encrypted', () => {
  expect(isSealed(clear)).toBe(false)
  expect(isSealed({...clear, sops})).toBe(false)
  expect(isSealed({...output, stringData: {token: 'opensesame'}})).toBe(false)
})
