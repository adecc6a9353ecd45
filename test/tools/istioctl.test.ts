import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {ControlPlaneInput} from '../../src/istio/render/input.ts'
import {renderWithIstioctl} from '../../src/tools/istioctl.ts'
import {useFakeTools} from './fake-tools.ts'

const input: ControlPlaneInput = {
  namespace: 'team-a',
  revision: 'team-a',
  isDefault: false,
  requested: {values: {}, operator: {}},
}
const version = (text: string) => `echo '{"clientVersion": {"version": "${text}"}}'`
const configMap = '{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-team-a}}'
const tools = useFakeTools({only: true})

/** A fake istioctl: one script for `istioctl version`, one for `istioctl manifest`. */
function addIstioctl(scripts: {version?: string; manifest?: string}): Promise<string> {
  const {version: ofVersion = version('1.31.0'), manifest = `cat > '${tools.folder}/input'; echo '${configMap}'`} =
    scripts
  return tools.add('istioctl', `if [ "$1" = version ]; then ${ofVersion}; else ${manifest}; fi`)
}

test('renders an IstioOperator that is passed on stdin', async () => {
  await addIstioctl({})
  expect(await renderWithIstioctl(input, undefined)).toEqual({
    objects: [{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'istio-team-a'}}],
    definitions: [],
  })
  expect(await readFile(join(tools.folder, 'input'), 'utf8')).toMatch(/kind: IstioOperator[\s\S]*revision: team-a/)
})

describe('reports', () => {
  test.each([
    [undefined, 'istioctl is not in PATH'],
    ['/nowhere/istioctl', '--istioctl /nowhere/istioctl: no executable file with this name'],
  ])('that istioctl is missing: --istioctl %s', async (program, message) => {
    await expect(renderWithIstioctl(input, program)).rejects.toMatchObject({exit: 2, problems: [{message}]})
  })

  test.each([
    [{version: 'echo "Error: broken" >&2; exit 1'}, /version failed: broken$/, /^check that it is istioctl/],
    [{version: 'echo something'}, /version printed no client version$/, /^check that it is istioctl/],
    [{version: version('1.23.6')}, /has version 1\.23\.6; expected 1\.24 or newer$/, /--istioctl FILE/],
    [
      {manifest: 'echo "Error: unknown field" >&2; exit 1'},
      /^istioctl 1\.31\.0 rejects this .*: unknown field$/,
      /--set/,
    ],
    [{manifest: `echo 'profile "x" not found' >&2; exit 1`}, /profile "x" not found$/, /^profiles: default, demo/],
    [{version: version('1.23.6'), manifest: 'exit 1'}, /has version 1\.23\.6/, /--istioctl FILE/],
  ])('%j', async (scripts, message, hint) => {
    await addIstioctl(scripts)
    await expect(renderWithIstioctl(input, undefined)).rejects.toMatchObject({
      exit: 3,
      problems: [{message: expect.stringMatching(message), hints: [expect.stringMatching(hint)]}],
    })
  })

  test('an old istioctl without waiting for its manifest', async () => {
    await addIstioctl({version: version('1.9.0'), manifest: 'exec sleep 60'})
    await expect(renderWithIstioctl(input, undefined)).rejects.toThrow('expected 1.24 or newer')
  })
})

test('a version without a number is accepted, as a development build has none', async () => {
  await addIstioctl({version: version('latest')})
  expect((await renderWithIstioctl(input, undefined)).objects).toHaveLength(1)
})
