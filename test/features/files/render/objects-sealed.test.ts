import {expect, test} from 'vitest'
import {
  clearTextProblem,
  hasLocalKeys,
  isSealed,
  sealProblem,
} from '../../../../src/features/files/render/objects-sealed.ts'
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
  ['data.token is not encrypted', {...output, data: {chain: '', token: 'ENC[b3BlbnNlc2FtZQ==]'}}],
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

test('a value of the Secret in a comment or in the metadata is found, encoded or not', () => {
  const kubeconfig =
    'apiVersion: v1\nkind: Config\ncontexts:\n- name: gke-project-europe-west1\ntoken: opensesame-opensesame-1\n'
  const labels = {cluster: 'gke-project-europe-west1'}
  const long = secret('a', {password: 'opensesame', west: kubeconfig}, {labels})
  const text = `apiVersion: v1\nkind: Secret\nlabels:\n  cluster: gke-project-europe-west1\ndata:\n  west: ${encrypted}\nsops:\n  mac: x\n`
  expect(clearTextProblem(long, text)).toBeUndefined()
  expect(clearTextProblem(long, `${text}# a comment\n`)).toBe('it contains comments')
  for (const value of ['opensesame', Buffer.from('opensesame').toString('base64'), 'opensesame-opensesame-1'])
    expect(clearTextProblem(long, `${text}  x_debug: ${value}\n`)).toBe('it contains a value in clear text')
})

test('only keys of age and PGP are local', () => {
  const withKeys = (keys: object) => hasLocalKeys({...clear, sops: {mac: encrypted, ...keys}})
  expect(withKeys({age: [{recipient: 'age1'}], pgp: [{fp: 'A'}], kms: []})).toBe(true)
  expect(withKeys({age: [{recipient: 'age1'}], hc_vault: [{vault_address: 'https://vault.test'}]})).toBe(false)
  expect(withKeys({key_groups: [{}]})).toBe(false)
  expect(withKeys({})).toBe(false)
})
