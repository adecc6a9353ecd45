import {expect, test} from 'vitest'
import {errorResults, functionSummary, problemOf, resultsOf} from '../../../../src/features/files/fn/report.ts'
import type {MeshItem} from '../../../../src/features/files/fn/spec.ts'
import {loadDocuments} from '../../../../src/text/yaml-reading/documents.ts'
import {configMap, updates} from '../../../terminal/output/steps.ts'
import {renderedOf} from '../render/samples.ts'
import {documentFor, kindOf, planned, planOf} from '../samples.ts'

const item: MeshItem = {
  file: 'mesh/shop.yaml',
  yaml: loadDocuments('a: b')[0]!,
  ref: {apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Tenant', name: 'shop'},
  source: {path: 'mesh/shop.yaml', index: 1},
}
const federation = documentFor(kindOf('Federation'), 'prod', ['east', 'west'])

test('warnings and what is left out are results, with the document that a title names', () => {
  const lines = [
    'Tenant shop (mesh/shop.yaml:1):',
    '  warning: wide access',
    '  hint:    narrow it',
    '  progress',
    'left out: 2 Secrets; 1 to apply',
    'left out: 1 record of kubectl mesh; the clusters have them',
    'hint:    apply it',
  ]
  const reference = {resourceRef: item.ref, file: item.source}
  expect(resultsOf(lines, [item])).toEqual([
    {message: 'wide access\nhint:    narrow it', severity: 'warning', ...reference},
    {message: 'left out: 2 Secrets; 1 to apply', severity: 'warning'},
    {message: 'left out: 1 record of kubectl mesh; the clusters have them\nhint:    apply it', severity: 'info'},
  ])
})

test('errors are results with their hints', () => {
  const problem = problemOf({message: 'spec is wrong', hints: ['right it'], line: 3, column: 5}, item)
  expect(problem.message).toBe('Tenant shop (mesh/shop.yaml:3:5): spec is wrong')
  expect(errorResults([problem, {message: 'other'}], [item])).toEqual([
    {
      message: `${problem.message}\nhint: right it`,
      severity: 'error',
      resourceRef: item.ref,
      file: item.source,
    },
    {message: 'other', severity: 'error'},
  ])
  const [missing] = errorResults(
    [{message: 'mesh/shop.yaml:4:1: context a of Tenant shop is not in the kubeconfig'}],
    [item],
  )
  expect(missing).toMatchObject({resourceRef: item.ref})
  const {ref: _, ...unnamed} = item
  expect(problemOf({message: 'a', line: 1, column: 1}, {...unnamed, ref: undefined}).message).toBe(
    'mesh/shop.yaml:1:1: a',
  )
})

test('the summary names the command for what is left out, and warns of objects that an engine could delete', () => {
  const ref = {apiVersion: 'v1', kind: 'Secret', namespace: 'istio-system', name: 'a'}
  const east = {...renderedOf('east'), leftOut: [{ref, wave: 60, reason: 'secret' as const, isMissing: true}]}
  expect(functionSummary(renderedOf('east'), [planned(federation, [])], 'apply')).toEqual([])
  expect(functionSummary(east, [planned(federation, [])], 'apply')).toEqual([
    'left out: 1 Secret; 1 to apply',
    'hint:    for what is left out: apply',
  ])
  const live = configMap('a', {}, {labels: {'kustomize.toolkit.fluxcd.io/name': 'mesh'}})
  const managed = planned(federation, [planOf('east', updates(live, live, 'unchanged'))])
  expect(functionSummary(renderedOf('east'), [managed], 'apply').join('\n')).toMatch(
    /^warning: an engine applies 1 object/,
  )
  const later = planned(federation, [], {after: [federation], problems: [{message: 'lacks a gateway'}]})
  expect(functionSummary(renderedOf('east'), [later], 'apply')).toEqual([
    expect.stringMatching(/^warning: Federation prod \(.*\) is planned after Federation prod:$/),
    '  lacks a gateway',
  ])
})
