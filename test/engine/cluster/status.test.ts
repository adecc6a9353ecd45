import {describe, expect, it} from 'vitest'
import {conflictsOf, messageOf, successBody} from '../../../src/engine/cluster/status.ts'

describe('successBody', () => {
  it('returns the body below 300', () => expect(successBody({status: 201, body: {a: 1}})).toEqual({a: 1}))

  it.each([
    [
      {status: 403, body: {reason: 'Forbidden', message: 'no'}},
      {status: 403, reason: 'Forbidden', message: 'no'},
    ],
    [
      {status: 500, body: {message: 'failed to create typed patch object (x): .spec.y: field not declared in schema'}},
      {status: 422, reason: 'Invalid'},
    ],
    [
      {status: 502, body: undefined},
      {status: 502, reason: undefined},
    ],
  ])('throws for %j', (response, expected) =>
    expect(() => successBody(response)).toThrow(expect.objectContaining({name: 'ApiError', ...expected})),
  )
})

it('messageOf falls back to the status', () =>
  expect(messageOf({status: 503, body: undefined})).toBe('the API server responded with status 503'))

describe('conflictsOf', () => {
  const causes = [
    {reason: 'FieldManagerConflict', field: '.data.a', message: 'conflict with "an \\"odd\\" one" using v1'},
    {reason: 'FieldManagerConflict', field: '.data.b', message: 'unknown wording'},
    {reason: 'FieldValueInvalid', field: '.data.c', message: 'x'},
  ]
  const body = {details: {causes}}

  it('returns field and manager of each cause', () =>
    expect(conflictsOf({status: 409, body})).toEqual([
      {field: '.data.a', manager: 'an "odd" one'},
      {field: '.data.b', manager: 'unknown wording'},
    ]))

  it('is empty for another status, and for a 409 of a precondition', () => {
    expect(conflictsOf({status: 422, body})).toEqual([])
    expect(conflictsOf({status: 409, body: {message: 'the object has been modified'}})).toEqual([])
  })
})
