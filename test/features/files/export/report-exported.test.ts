import {describe, expect, test} from 'vitest'
import {fileDocument, formatDocuments, gapLines} from '../../../../src/features/files/export/report-exported.ts'
import {installFields} from '../../../../src/features/install/spec.ts'
import {tenantFields} from '../../../../src/features/tenant/spec.ts'

describe('the canonical form', () => {
  test('keys are in the order of the fields, and defaults are left out', () => {
    const raw = {set: ['b', 'a'], meshId: 'm', via: 'istioctl', systemNamespace: 'istio-system'}
    expect(fileDocument('ControlPlane', installFields, {context: 'east', raw})).toEqual({
      kind: 'ControlPlane',
      name: undefined,
      spec: {context: 'east', meshId: 'm', set: ['b', 'a']},
      gaps: [],
    })
  })

  test('the name of an object is metadata.name if it can be, and part of the spec otherwise', () => {
    const named = (name: string) => fileDocument('Tenant', tenantFields, {raw: {name}})
    expect(named('shop')).toMatchObject({name: 'shop', spec: {}})
    expect(named('Shop_1')).toMatchObject({name: undefined, spec: {name: 'Shop_1'}})
    expect(fileDocument('ControlPlane', installFields, {name: 'a', raw: {}}).name).toBe('a')
  })

  test('a value that this version does not accept is kept, so that validation shows it', () => {
    expect(fileDocument('ControlPlane', installFields, {raw: {via: 'newer'}}).spec).toEqual({via: 'newer'})
  })
})

test('what a document lacks is a comment, which text of a cluster cannot leave', () => {
  const document = {kind: 'Tenant', name: 'a', spec: {context: 'east'}, gaps: ['x\nspec: {}\u001b[2J']}
  expect(formatDocuments([document, {...document, gaps: []}])).toBe(
    `# Written by kubectl mesh export.
# not exported: x spec: {}\\u001b[2J
apiVersion: kubectl-mesh.io/v1alpha1
kind: Tenant
metadata:
  name: a
spec:
  context: east
---
apiVersion: kubectl-mesh.io/v1alpha1
kind: Tenant
metadata:
  name: a
spec:
  context: east
`,
  )
  expect(gapLines([{...document, gaps: ['b']}])).toEqual(['warning: Tenant a (east): not exported: b'])
})
