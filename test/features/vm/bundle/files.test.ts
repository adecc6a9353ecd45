import {expect, test} from 'vitest'
import {type BundleFormat, buildBundle} from '../../../../src/features/vm/bundle/files.ts'
import {loadYaml} from '../../../../src/text/yaml.ts'
import {expectGolden} from '../../../support/golden.ts'
import {sourceOf} from './support.ts'

const formats: BundleFormat[] = ['files', 'cloud-init', 'ansible', 'script']

test('the files for a machine, byte for byte', async () => {
  const files = buildBundle(sourceOf(), 'ansible')
  const text = Object.entries(files).map(([name, {text, mode}]) => `### ${name} 0${mode.toString(8)}\n${text}`)
  await expectGolden('vm/bundle.txt', text.join(''))
})

test('cloud-init user data, byte for byte', async () => {
  await expectGolden('vm/user-data.yaml', buildBundle(sourceOf(), 'cloud-init')['user-data']!.text)
})

test.each(formats)('%s: exactly the files with mode 0600 contain the token', format => {
  const files = Object.values(buildBundle(sourceOf({token: 'aa.bb.cc'}), format))
  for (const {text, mode} of files) {
    const held = text.includes('aa.bb.cc') || text.includes(Buffer.from('aa.bb.cc').toString('base64'))
    expect(held, text).toBe(mode === 0o600)
  }
})

test('cloud-init, script and files have the same content', () => {
  const files = buildBundle(sourceOf(), 'files')
  const {write_files} = loadYaml(buildBundle(sourceOf(), 'cloud-init')['user-data']!.text) as {
    write_files: {path: string; content: string; permissions: string}[]
  }
  const byName = write_files.map(({path, content, permissions}) => [
    path.split('/').at(-1),
    {text: content, mode: Number.parseInt(permissions, 8)},
  ])
  expect(Object.fromEntries(byName)).toEqual(files)
  const script = buildBundle(sourceOf(), 'script')['install-web.sh']!.text
  for (const [name, {text}] of Object.entries(files)) {
    const body = new RegExp(`folder/${name}" <<'(\\w+)'\\n([^]*?)\\1\\n`).exec(script)![2]!
    expect(Buffer.from(body, 'base64').toString()).toBe(text)
  }
})
