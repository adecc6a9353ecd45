import {expect, test} from 'vitest'
import {documentListing, validationOf} from '../../../src/features/files/report-documents.ts'
import type {MeshDocument} from '../../../src/spec/documents/document.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'

const document = (kind: string, name: string, more: Partial<MeshDocument> = {}): MeshDocument => ({
  kind: {kind, fields: {}, validate: () => [], claims: () => []},
  name,
  raw: {},
  spec: {},
  context: undefined,
  file: 'mesh.yaml',
  line: 1,
  column: 1,
  positionOf: () => ({line: 1, column: 1}),
  ...more,
})
const documents = [
  document('Federation', 'prod', {spec: {contexts: ['east', 'west']}}),
  document('Tenant', 'shop', {context: 'east', line: 9}),
  document('Tenant', 'other', {context: ''}),
]
const problems = [{file: 'mesh.yaml', line: 3, column: 5, message: 'spec.x is not a known key'}]

test('a row for each document', () =>
  expect(formatListing(documentListing(documents, problems), undefined).split('\n')).toEqual([
    'KIND         NAME    CONTEXT     FILE',
    'Federation   prod    east,west   mesh.yaml:1',
    'Tenant       shop    east        mesh.yaml:9',
    'Tenant       other   -           mesh.yaml:1',
    '',
  ]))

test('-o json has the problems too', () =>
  expect(JSON.parse(formatListing(documentListing(documents.slice(1, 2), problems), 'json'))).toEqual({
    documents: [{kind: 'Tenant', name: 'shop', context: 'east', file: 'mesh.yaml', line: 9, column: 1}],
    problems: [{...problems[0], hints: []}],
  }))

test('-o name', () =>
  expect(formatListing(documentListing(documents, []), 'name')).toBe('Federation/prod\nTenant/shop\nTenant/other\n'))

test('-o junit has a suite for each file, with its problems', () => {
  const other = {...document('Tenant', 'x'), file: 'other.yaml'}
  expect(validationOf([...documents, other], problems)).toMatchObject([
    {
      title: 'mesh.yaml',
      findings: [{check: 'valid', level: 'error', message: '3:5: spec.x is not a known key', hints: []}],
    },
    {title: 'other.yaml', findings: []},
  ])
})
