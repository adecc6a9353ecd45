import fc from 'fast-check'
import {expect, test} from 'vitest'
import {tenantFields, validateTenant} from '../../../src/features/tenant/spec.ts'
import {labelText, namesOf, parseLabel, revisionText} from '../../../src/features/tenant/spec-names.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {dnsLabel} from '../../../src/spec/texts.ts'

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?$/).filter(text => text !== 'default')

test('all names are derived from a valid name and are valid', () => {
  fc.assert(
    fc.property(name, text => {
      const names = namesOf(readSpec(tenantFields, {name: text}, validateTenant))
      expect(names).toEqual({
        name: text,
        systemNamespace: text,
        revision: text,
        selector: {key: 'usergroup', value: text},
      })
      expect(dnsLabel(`istiod-${names.revision}`)).toBeUndefined()
    }),
  )
})

test('a name that is set takes precedence over the derived one', () => {
  const raw = {name: 'a', systemNamespace: 'b', revision: 'c', selectorLabel: 'example.com/team=d'}
  expect(namesOf(readSpec(tenantFields, raw, validateTenant))).toEqual({
    name: 'a',
    systemNamespace: 'b',
    revision: 'c',
    selector: {key: 'example.com/team', value: 'd'},
  })
})

test.each([
  ['a=b', {key: 'a', value: 'b'}],
  ['a=b=c', {key: 'a', value: 'b=c'}],
  ['a=', {key: 'a', value: ''}],
  ['=b', undefined],
  ['a', undefined],
  [undefined, undefined],
])('parseLabel(%j)', (text, label) => {
  expect(parseLabel(text)).toEqual(label)
})

test.each([
  ['team=a', true],
  ['example.com/team=a', true],
  ['team=', false],
  ['team', false],
  ['/team=a', false],
  ['Example.com/team=a', false],
  ['a/b/c=d', false],
])('labelText(%j) accepts it: %j', (text, accepted) => {
  expect(labelText(text) === undefined).toBe(accepted)
})

test('default is not accepted as a revision', () => {
  expect(revisionText('default')).toContain('is reserved')
  expect(revisionText('r1')).toBeUndefined()
})
