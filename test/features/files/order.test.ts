import fc from 'fast-check'
import {expect, test} from 'vitest'
import {contextsOfDocument, inOrder, precedes} from '../../../src/features/files/order.ts'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {documentFor, documentOf, kindOf} from './samples.ts'

const kinds = await Promise.all(Object.values(meshKinds).map(load => load()))

test('a document follows those that it depends on, in clusters that both concern; otherwise the order stays', () => {
  const [federation, tls, gateway] = ['Federation', 'IngressTls', 'IngressGateway'].map(
    name => kinds.find(({kind}) => kind === name)!,
  )
  const documents = [
    documentOf(tls!, 'tls-west', 'west'),
    documentOf(tls!, 'tls-east', 'east'),
    documentOf(gateway!, 'gateway', 'east'),
    documentFor(federation!, 'both', ['east', 'north']),
  ]
  expect(inOrder(documents).map(({name}) => name)).toEqual(['tls-west', 'both', 'gateway', 'tls-east'])
})

test('any documents of the real kinds: each one once, after those that precede it', () => {
  const document = fc
    .tuple(fc.constantFrom(...kinds), fc.constantFrom('east', 'west'), fc.nat(1000))
    .map(([kind, context, name]) => documentOf(kind, `n${name}`, context))
  fc.assert(
    fc.property(fc.array(document, {maxLength: 20}), documents => {
      const sorted = inOrder(documents)
      expect(new Set(sorted)).toEqual(new Set(documents))
      expect(sorted).toHaveLength(documents.length)
      for (const [at, one] of sorted.entries())
        for (const later of sorted.slice(at + 1)) expect(precedes(later, one)).toBe(false)
    }),
  )
})

test('the kinds that precede a kind exist', () => {
  const names = kinds.map(({kind}) => kind)
  expect(kinds.flatMap(({after}) => after).filter(name => !names.includes(name))).toEqual([])
})

test('clusters of a document', () => {
  expect(contextsOfDocument(documentOf(kindOf('A'), 'a', ''))).toEqual([''])
  const both = {...documentFor(kindOf('A'), 'a', ['east', 'west']), spec: {contexts: ['east'], to: ['west', 'east']}}
  expect(contextsOfDocument(both)).toEqual(['east', 'west'])
})
