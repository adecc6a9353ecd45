import {stripVTControlCharacters} from 'node:util'
import {applyPatch} from 'diff'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {withoutNeutral} from '../../../src/engine/kubernetes/controller-fields.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {buildEastWestGateway} from '../../../src/mesh/objects-gateway.ts'
import {formatDiff, summarize} from '../../../src/terminal/output/diff.ts'
import {createMasker} from '../../../src/terminal/output/redact.ts'
import {renderLines} from '../../../src/terminal/output/styled.ts'
import {dumpYaml, inKeyOrder} from '../../../src/text/yaml.ts'
import {expectGolden} from '../../support/golden.ts'
import {oddText} from '../../support/odd.ts'
import {configMap, creates, planOf, removes, secret, updates} from './steps.ts'

const mask = createMasker(Buffer.alloc(32))
const diff = async (...steps: Step[]) => renderLines(await formatDiff(planOf(...steps), {mask}), false)

const deployment = buildEastWestGateway({
  cluster: 'east',
  network: 'n',
  systemNamespace: 'istio-system',
  serviceType: 'LoadBalancer',
}).find(({object}) => object.kind === 'Deployment')!.object

interface Deployment extends KubernetesObject {
  metadata: KubernetesObject['metadata'] & {labels: Record<string, string>}
  spec: {
    template: {spec: {containers: [{ports: object[]; resources: {limits: {cpu: string}}}]; securityContext?: object}}
  }
}

/** The Deployment with changes in distant places: in labels, at the end of a list, and a removed field. */
function changedDeployment(): KubernetesObject {
  const copy = structuredClone(deployment) as Deployment
  const pod = copy.spec.template.spec
  const [container] = pod.containers
  copy.metadata.labels['topology.istio.io/network'] = 'other'
  container.ports.push({containerPort: 9999, protocol: 'TCP'})
  container.resources.limits.cpu = '4'
  delete pod.securityContext
  return copy
}

const namespace = (labels: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {name: 'istio-system', labels},
})
const before = configMap(
  'istio',
  {mesh: 'a: 1\nb: 2\nc: 3\nd: 4\n'},
  {uid: 'u', resourceVersion: '7', managedFields: []},
)
const after = configMap(
  'istio',
  {mesh: 'a: 1\nb: two\nc: 3\nd: 4\n'},
  {uid: 'u', resourceVersion: '8', managedFields: []},
)

test.each<[string, Step[]]>([
  ['create', [creates(namespace({net: 'a'}))]],
  ['update', [updates(namespace({name: 'istio-system'}), namespace({name: 'istio-system', net: 'a'}))]],
  ['update-text', [updates(before, after)]],
  ['hunks', [updates(deployment, changedDeployment())]],
  ['remove', [removes(configMap('gone', {a: 'b'}))]],
  ['conflict', [updates(before, after, 'conflict')]],
  ['pending', [creates(secret('remote', {west: ''}), {pending: 'the credential of west is created during apply'})]],
  [
    'secret',
    [updates(secret('cacerts', {key: 'one', same: 'x'}), secret('cacerts', {key: 'two', same: 'x', more: 'y'}))],
  ],
  [
    'all',
    [
      creates(namespace({net: 'a'})),
      updates(before, before, 'unchanged'),
      updates(before, after),
      removes(secret('gone', {a: 'b'})),
    ],
  ],
  ['nothing', []],
])('golden: %s', async (name, steps) => expectGolden(`diff/${name}.diff`, await diff(...steps)))

describe('formatDiff', () => {
  test('unchanged objects appear only in the summary', async () => {
    const live = {...before, status: {a: 1}}
    expect(await diff(updates(live, live, 'unchanged'))).toBe('# east: 1 unchanged\n')
  })

  test('colors do not change the text', async () => {
    const steps = [creates(namespace({})), updates(before, after), removes(before)]
    const colored = renderLines(await formatDiff(planOf(...steps), {mask}), true)
    expect(colored).toContain('\u001b[')
    expect(stripVTControlCharacters(colored)).toBe(await diff(...steps))
  })

  test('applied as a patch, it converts the old text to the new one, whatever their content', async () => {
    const value = fc.oneof(
      oddText,
      fc.array(oddText, {maxLength: 12}).map(lines => lines.join('\n')),
    )
    const texts = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), value, {maxKeys: 8})
    const asText = (object: KubernetesObject) => dumpYaml(inKeyOrder(withoutNeutral(object)))
    await fc.assert(
      fc.asyncProperty(texts, texts, async (a, b) => {
        const [live, merged] = [configMap('x', a), configMap('x', b)]
        const [, ...patch] = (await diff(updates(live, merged))).split('\n')
        expect(applyPatch(asText(live), patch.join('\n'))).toBe(asText(merged))
      }),
      {numRuns: 100},
    )
  })

  test.each<[string, (spec: Record<string, unknown>) => unknown, string]>([
    ['a top-level key', ({b: _, ...spec}) => spec, ' @@'],
    ['a map in a list', spec => ({...spec, b: [{c: {d: 1, e: {f: 2}}, g: [1]}, {c: {d: 1, e: {f: 3}}}]}), 'b.c.e'],
    ['a list in a list', spec => ({...spec, b: [{c: {d: 1, e: {f: 2}}, g: [2]}, {c: {d: 1, e: {f: 2}}}]}), 'b.g'],
    ['an item of a list', spec => ({...spec, b: [{c: {d: 1, e: {f: 2}}, g: [1]}]}), 'b'],
    ['a quoted key', spec => ({...spec, y: {'on: off': 'b'}}), 'y'],
  ])('the heading of a hunk is the field of its first change: %s', async (_, change, heading) => {
    const base = {b: [{c: {d: 1, e: {f: 2}}, g: [1]}, {c: {d: 1, e: {f: 2}}}], y: {'on: off': 'a'}}
    const object = (spec: unknown) => ({apiVersion: 'v1', kind: 'K', metadata: {name: 'x'}, ...(spec as object)})
    const text = await diff(updates(object(base), object(change(base))))
    expect(text.split('\n')[3]).toMatch(new RegExp(`${heading}$`))
  })

  test('no text can forge a line of the diff: every line of an object begins with its mark', async () => {
    await fc.assert(
      fc.asyncProperty(oddText, oddText, async (key, value) => {
        const lines = (await diff(creates(configMap('x', {[key]: value})))).split('\n').slice(4, -1)
        for (const line of lines) expect(line).toMatch(/^\+/)
      }),
    )
  })
})

test.each<[Step['verdict'][], string]>([
  [[], 'nothing to do'],
  [['unchanged'], '1 unchanged'],
  [
    ['create', 'create', 'update', 'remove', 'conflict', 'unchanged'],
    '2 to create, 1 to change, 1 to remove, 1 in conflict, 1 unchanged',
  ],
])('summary of %j: %s', (verdicts, expected) =>
  expect(summarize(verdicts.map(verdict => ({...creates(before), verdict})))).toBe(expected),
)
