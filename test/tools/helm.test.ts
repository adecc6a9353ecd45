import {readdir, readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {ControlPlaneInput} from '../../src/istio/render/input.ts'
import {type Chart, renderWithHelm} from '../../src/tools/helm.ts'
import {useFakeTools} from './fake-tools.ts'

const input: ControlPlaneInput = {
  namespace: 'team-a',
  revision: 'team-a',
  isDefault: false,
  requested: {values: {}, operator: {}},
}
const chart: Chart = {reference: 'istio/istiod', version: undefined}
const withBase = (needed: boolean): Chart => ({...chart, base: {reference: 'istio/base', needed}})
const tools = useFakeTools({only: true})

/** Prints an object that is named after the chart, and keeps the arguments and the values. */
const template = `name=$(basename "$3")
echo "$*" > "\${0%/*}/$name.args"
echo "{apiVersion: v1, kind: ConfigMap, metadata: {name: $name}}"`
const failing = (reference: string, error: string) =>
  `if [ "$3" = ${reference} ]; then echo 'Error: ${error}' >&2; exit 1; fi\n${template}`
const names = async (of: Chart) => (await renderWithHelm(input, of)).objects.map(({metadata}) => metadata.name)

test('renders the base chart before the istiod chart', async () => {
  await tools.add('helm', template)
  expect(await names(chart)).toEqual(['istiod'])
  expect(await names(withBase(true))).toEqual(['base', 'istiod'])
})

test('passes version, namespace and values, and removes the file with the values', async () => {
  const valuesFolders = async () => (await readdir(tmpdir())).filter(name => /^kubectl-mesh-\w{6}$/.test(name))
  const before = await valuesFolders()
  await tools.add('helm', `cp "$7" "\${0%/*}/values"; ls -l "$7" > "\${0%/*}/mode"\n${template}`)
  await renderWithHelm(input, {...chart, version: '1.31.0'})
  const [args, values, mode] = await Promise.all(
    ['istiod.args', 'values', 'mode'].map(name => readFile(join(tools.folder, name), 'utf8')),
  )
  expect(args).toMatch(/^template istiod istio\/istiod --namespace team-a --values \S+ --version 1\.31\.0\n$/)
  expect(values).toContain('revision: team-a')
  expect(mode).toMatch(/^-rw-------/)
  expect((await valuesFolders()).filter(name => !before.includes(name))).toEqual([])
})

test('a base chart that helm does not find is left out if it is not needed', async () => {
  await tools.add('helm', failing('istio/base', 'chart not found'))
  expect(await names(withBase(false))).toEqual(['istiod'])
})

test('ambient mode: the charts of istio-cni and ztunnel next to the istiod chart, with their own values', async () => {
  await tools.add('helm', `cp "$7" "\${0%/*}/$2"\n${template}`)
  const ambient = {...input, network: 'net-a', ambient: true as const}
  const {objects} = await renderWithHelm(ambient, withBase(true))
  expect(objects.map(({metadata}) => metadata.name)).toEqual(['base', 'istiod', 'cni', 'ztunnel'])
  const valuesOf = (release: string) => readFile(join(tools.folder, release), 'utf8')
  expect(await valuesOf('ztunnel')).toContain('network: net-a')
  expect(await valuesOf('istio-cni')).toContain('profile: ambient')
  await expect(renderWithHelm(ambient, {...chart, reference: 'mirror/my-istiod'})).rejects.toMatchObject({
    exit: 3,
    problems: [
      {message: expect.stringContaining('--chart mirror/my-istiod: ambient mode needs the charts cni and ztunnel')},
    ],
  })
})

describe('reports', () => {
  test('that helm is missing', async () => {
    await expect(renderWithHelm(input, chart)).rejects.toMatchObject({
      exit: 2,
      problems: [{message: 'helm is not in PATH'}],
    })
  })

  test.each<[string, string, Chart, RegExp, RegExp]>([
    [
      'istio/istiod',
      'chart not found',
      chart,
      /rejects this control plane: chart not found$/,
      /^--chart istio\/istiod is/,
    ],
    ['istio/istiod', 'bad value', withBase(true), /rejects this control plane: bad value$/, /^check --set/],
    ['istio/base', 'bad value', withBase(false), /rejects this control plane: bad value$/, /^check --set/],
    [
      'istio/base',
      'not found',
      withBase(true),
      /^helm does not find chart istio\/base; /,
      /^helm install istio-base CHART/,
    ],
  ])('%s: %s', async (reference, error, of, message, hint) => {
    await tools.add('helm', failing(reference, error))
    await expect(renderWithHelm(input, of)).rejects.toMatchObject({
      exit: 3,
      problems: [{message: expect.stringMatching(message), hints: [expect.stringMatching(hint)]}],
    })
  })
})
