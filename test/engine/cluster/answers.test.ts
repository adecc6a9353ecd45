import {describe, expect, it} from 'vitest'
import {checkListSize} from '../../../src/engine/cluster/answers.ts'
import {maxDepth, parseBody} from '../../../src/engine/cluster/parse-body.ts'
import {requestToken} from '../../../src/engine/cluster/tokens.ts'
import {failureOf} from '../../../src/terminal/failure.ts'
import {ref, start} from './servers.ts'

const kind = {apiVersion: 'v1', kind: 'ConfigMap'}
const object = {...kind, metadata: {namespace: 'a', name: 'b'}}
const bodies: [string, object | string, RegExp][] = [
  ['a string', '"hello"', /status 200 and a string instead of a JSON object: is it an API server/],
  ['a number', '42', /a number instead/],
  ['null', 'null', /null instead/],
  ['a list', '[]', /a list instead/],
  ['nothing', '', /an empty body instead/],
  ['HTML', '<html>', /instead of JSON: is it an API server/],
  ['deep nesting', `{"a":${'['.repeat(100_000)}`, /more than 500 levels/],
]
const objects: [string, object, RegExp][] = [
  ['an object without metadata', {kind: 'x'}, /not a (Kubernetes object|list of objects)/],
  ['metadata without a name', {metadata: {}, items: [{metadata: {}}]}, /not a/],
  ['labels as a list', {metadata: {name: 'a', labels: []}, items: [{metadata: {name: 'a', labels: []}}]}, /not a/],
  ['owners as a text', {metadata: {name: 'a', ownerReferences: 'x'}, items: 'x'}, /not a/],
  ['null as an item', {items: [null]}, /not a/],
  ['a failure as a list', {kind: 'Status', status: 'Failure', items: undefined}, /not a/],
]

describe('a response with status 200 that no API server sends', () => {
  it.each([...bodies, ...objects])(
    '%s ends every operation with a sentence and exit code 3',
    async (_, body, message) => {
      const [, cluster] = await start(() => ({status: 200, body}))
      const operations = [
        () => cluster.get(ref),
        () => cluster.apply(object),
        () => cluster.patch(ref, {metadata: {resourceVersion: '1'}}),
        ...('items' in Object(body) || typeof body === 'string' ? [() => cluster.list(kind)] : []),
        ...(typeof body === 'string' ? [() => cluster.delete(ref), () => cluster.read('/version')] : []),
        () => requestToken(cluster, {namespace: 'a', serviceAccount: 'b', durationSeconds: 600}),
      ]
      for (const operation of operations) {
        const error = await operation().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        const {problems, exit} = failureOf(error, undefined)
        expect(exit).toBe(3)
        expect(problems).toEqual([{message: expect.stringMatching(operation === operations.at(-1) ? /./ : message)}])
        expect(problems[0]!.message).not.toContain('unexpected')
      }
    },
  )

  it.each(['x', 1, null, [], {message: {}, reason: [], details: 'x'}, {details: {causes: [null, {reason: 1}]}}])(
    'an error status with the body %j is still an error of the API server',
    async body => {
      for (const status of [403, 409, 500]) {
        const [, cluster] = await start(() => ({status, body: JSON.stringify(body)}))
        await expect(cluster.apply(object, {dryRun: false})).rejects.toMatchObject({
          name: 'ApiError',
          message: `the API server responded with status ${status}`,
        })
      }
    },
    30_000,
  )
})

describe('parseBody', () => {
  it.each([
    ['{"a":"[[[\\"[[\\\\"}', true],
    [`${'{"a":'.repeat(maxDepth)}1${'}'.repeat(maxDepth)}`, true],
    [`${'{"a":'.repeat(maxDepth + 1)}1${'}'.repeat(maxDepth + 1)}`, false],
    [`{"a":"${'[['.repeat(maxDepth)}"}`, true],
    [`{"a":"${'\\\\'.repeat(3)}${'\\"'.repeat(3)}","b":1}`, true],
    ['{"a":"', false],
  ])('%# is parsed: %s', (text, isParsed) => {
    expect('value' in parseBody({body: Buffer.from(text), headers: {}})).toBe(isParsed)
  })
})

describe('lists without end', () => {
  it('stop at the limit of pages', async () => {
    const page = {metadata: {continue: 'more'}, items: []}
    const [proxy, cluster] = await start(() => ({status: 200, body: page}))
    await expect(cluster.list(kind)).rejects.toThrow(/\/api\/v1\/configmaps has more than 5000 pages/)
    expect(proxy.requests).toHaveLength(5001)
  })

  it.each([
    [{items: 250_001, pages: 1, bytes: 1}, /more than 250000 objects/],
    [{items: 1, pages: 1, bytes: 600 * 1024 * 1024}, /more than 536870912 bytes/],
  ])('stop at %j', (size, message) => expect(() => checkListSize(size, 'c', '/x')).toThrow(message))
})
