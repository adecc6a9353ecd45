import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import type {RenderedObject} from '../../../../src/features/files/render/objects.ts'
import {type EarlierObject, originComment} from '../../../../src/features/files/render/objects-earlier.ts'
import {sealParts} from '../../../../src/features/files/render/seal.ts'
import {loadYaml} from '../../../../src/text/yaml.ts'
import {configMap, secret} from '../../../terminal/output/steps.ts'
import {useFakeTools} from '../../../tools/fake-tools.ts'

const tools = useFakeTools({only: true})
const {signal} = new AbortController()
const folder = '/nowhere/fleet'
const documents = ['Federation prod']
const rendered = (source: string, password = 'opensesame'): RenderedObject => ({
  ...{wave: 70, object: secret('remote', {password}), documents},
  credential: {mode: 'sops', source},
})
const partsOf = (object: RenderedObject) => [
  {path: ['clusters', 'east'], objects: [{...object, comment: originComment('east', object)}]},
  {path: ['clusters', 'west'], objects: [{wave: 40, object: configMap('a', {})}]},
]
const seal = (object: RenderedObject, earlier: EarlierObject[] = []) =>
  sealParts(partsOf(object), earlier, folder, signal)

/** Its output differs in each run, and it logs what it does. It decrypts to the last Secret that it has encrypted. */
const fake = (output: string) => `
case "$*" in
  *decrypt*) cat >/dev/null; echo decrypt >> '${tools.folder}/log'; cat '${tools.folder}/clear'; exit ;;
esac
echo encrypt >> '${tools.folder}/log'
cat > '${tools.folder}/clear'; ${output}`
const sealed = (keys = 'age') =>
  fake(
    `sed 's/^  password: .*/  password: ENC[AES256_GCM,data:'$$'=,iv:aXY=,tag:dGFn,type:str]/' '${tools.folder}/clear'; echo 'sops: {mac: x, ${keys}: [{}]}'`,
  )
const runs = async () => (await readFile(join(tools.folder, 'log'), 'utf8')).trim().split('\n')
const earlierOf = (object: RenderedObject, text: string): EarlierObject => ({
  ...{...object, object: loadYaml(text) as RenderedObject['object'], cluster: 'east', text},
  path: join(folder, 'clusters/east/70-secret-remote.yaml'),
})

test('Secrets are encrypted, and other objects stay', async () => {
  await tools.add('sops', sealed())
  const [east, west] = await seal(rendered('u1/7'))
  expect(east!.objects[0]!.text).toMatch(/password: ENC\[/)
  expect(east!.objects[0]!.text).not.toContain(Buffer.from('opensesame').toString('base64'))
  expect(west!.objects[0]).toEqual({wave: 40, object: configMap('a', {})})
})

test('a file stays while the Secret is the same one', async () => {
  await tools.add('sops', sealed())
  const text = (await seal(rendered('u1/7')))[0]!.objects[0]!.text!
  const earlier = [earlierOf(rendered('u1/7'), text)]
  expect((await seal(rendered('u1/7'), earlier))[0]!.objects[0]!.text).toBe(text)
  expect(await runs()).toEqual(['encrypt'])
  // Another version of the Secret with the same content.
  expect((await seal(rendered('u1/8'), earlier))[0]!.objects[0]!.text).toBe(text)
  expect(await runs()).toEqual(['encrypt', 'decrypt'])
  expect((await seal(rendered('u1/9', 'other'), earlier))[0]!.objects[0]!.text).not.toBe(text)
  expect(await runs()).toEqual(['encrypt', 'decrypt', 'decrypt', 'encrypt'])
})

test('an output with a clear value is refused, and the message does not contain it', async () => {
  await tools.add('sops', fake(`cat '${tools.folder}/clear'; echo 'sops: {mac: x}'`))
  const failure = await seal(rendered('u1/7')).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    exit: 3,
    problems: [{message: expect.stringContaining('data.password is not encrypted')}],
  })
  expect(JSON.stringify(failure)).not.toContain(Buffer.from('opensesame').toString('base64'))
})

test.each(['# $(grep password', '  x_debug: $(grep password'])(
  'an output that has the value as %s … is refused',
  async prefix => {
    const output = `sed 's/^  password: .*/  password: ENC[AES256_GCM,data:'$$'=,iv:aXY=,tag:dGFn,type:str]/' '${tools.folder}/clear'; echo 'sops: {mac: x}'`
    await tools.add('sops', fake(`${output}; echo "${prefix} '${tools.folder}/clear')"`))
    const failure = await seal(rendered('u1/7', 'opensesame-opensesame')).catch((error: unknown) => error)
    expect(failure).toMatchObject({exit: 3, problems: [{message: expect.stringContaining('is not written: it ')}]})
  },
)

test('a file of other key services is never decrypted: it names the servers that would get credentials', async () => {
  await tools.add('sops', sealed('hc_vault'))
  const text = (await seal(rendered('u1/7')))[0]!.objects[0]!.text!
  expect((await seal(rendered('u1/8'), [earlierOf(rendered('u1/7'), text)]))[0]!.objects[0]!.text).not.toBe(text)
  expect(await runs()).toEqual(['encrypt', 'encrypt'])
})

test('sops is only needed for Secrets', async () => {
  const parts = partsOf(rendered('u1/7')).slice(1)
  expect(await sealParts(parts, [], folder, signal)).toEqual(parts)
  await expect(seal(rendered('u1/7'))).rejects.toMatchObject({exit: 2})
})
