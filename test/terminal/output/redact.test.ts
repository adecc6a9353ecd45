import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {formatDiff} from '../../../src/terminal/output/diff.ts'
import {createMasker, isSecret, maskSecret} from '../../../src/terminal/output/redact.ts'
import {renderLines} from '../../../src/terminal/output/styled.ts'
import {configMap, creates, planOf, removes, secret, updates} from './steps.ts'

describe('maskSecret', () => {
  const mask = createMasker(Buffer.alloc(32))

  test('masks every value except empty ones', () => {
    const object = {...secret('x', {a: 'one', b: 'one', c: 'two', d: ''}, {labels: {l: 'm'}}), stringData: {e: 'plain'}}
    const masked = maskSecret(object, mask) as unknown as {data: Record<string, string>; stringData: object}
    expect(masked).toMatchObject({kind: 'Secret', type: 'Opaque', metadata: object.metadata})
    expect(Object.keys(masked.data)).toEqual(['a', 'b', 'c', 'd'])
    expect(masked.data.a).toBe(masked.data.b)
    expect(masked.data.a).not.toBe(masked.data.c)
    expect(masked.data.a).toMatch(/^\*\*\* \(hash [0-9a-f]{8}\)$/)
    expect(masked.data.d).toBe('')
    expect(JSON.stringify(masked.stringData)).not.toContain('plain')
    expect((object as Record<string, unknown>).data).toEqual(secret('x', {a: 'one', b: 'one', c: 'two', d: ''}).data)
  })

  test('accepts null values, which Go writes for empty bytes', () => {
    const object = {...secret('x', {}), data: {a: null}}
    expect(maskSecret(object, mask)).toEqual(object)
  })

  test('masks only Secrets of the core API group', () => {
    const map = configMap('x', {a: 'b'})
    expect(maskSecret(map, mask)).toBe(map)
    expect(isSecret({kind: 'Secret', apiVersion: 'example.com/v1'})).toBe(false)
  })
})

test('hashes of two maskers differ', () => expect(createMasker()('a')).not.toBe(createMasker()('a')))

/** Values like keys, tokens and passwords, long enough that no part of them is in a diff by chance. */
const value = fc.oneof(
  fc.base64String({minLength: 12, maxLength: 60}),
  fc.stringMatching(/^[A-Za-z0-9]{8,40}$/),
  fc.constantFrom(
    '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\n-----END PRIVATE KEY-----\n',
    'correct horse\nbattery staple',
  ),
)

test('no diff contains a part of a secret value, also not in copies of the object', async () => {
  await fc.assert(
    fc.asyncProperty(value, value, async (one, other) => {
      const lastApplied = (text: string) => ({
        annotations: {'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret('x', {key: text}))},
      })
      const live = {...secret('x', {key: one}, lastApplied(one)), stringData: {plain: one}}
      const merged = {...secret('x', {key: other}, lastApplied(other)), stringData: {plain: other}}
      const lines = await formatDiff(
        planOf(
          creates(live),
          creates(live, {pending: 'later'}),
          updates(live, merged),
          updates(live, merged, 'conflict'),
          removes(live),
        ),
        {mask: createMasker()},
      )
      const text = renderLines(lines, false)
      for (const text1 of [one, other])
        for (const form of [
          text1,
          Buffer.from(text1).toString('base64'),
          Buffer.from(Buffer.from(text1).toString('base64')).toString('base64'),
        ])
          for (let at = 0; at + 7 <= form.length; at++) {
            const part = form.slice(at, at + 7)
            if (text.includes(part)) expect.unreachable(`${JSON.stringify(part)} of the secret is in the diff`)
          }
    }),
    {numRuns: 150},
  )
})
