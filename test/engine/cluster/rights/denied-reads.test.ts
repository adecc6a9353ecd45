import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'
import {ApiError} from '../../../../src/engine/cluster/errors.ts'
import {DeniedReadsError, trackReads} from '../../../../src/engine/cluster/rights/denied-reads.ts'
import {rightsFor} from '../../../../src/engine/kubernetes/access-rules.ts'

const right = (resource: string, namespace?: string) => ({
  verb: 'list',
  group: '',
  resource,
  ...(namespace === undefined ? {} : {namespace}),
})
const denied = (
  text = 'pods is forbidden: User "a" cannot list resource "pods" in API group "" at the cluster scope',
) => new ApiError(403, 'Forbidden', text)

describe('trackReads', () => {
  test('all reads that are denied at the same time are one error, those that follow a success included', async () => {
    const reads = trackReads()
    const deny = async (after: number) => {
      await delay(after)
      throw denied()
    }
    const all = await Promise.allSettled([
      reads.run(right('pods'), false, () => deny(0)),
      reads.run(right('secrets', 'ns'), false, () => deny(40)),
      reads.run(right('nodes'), true, () => deny(20)),
      reads
        .run(right('services'), false, () => delay(20))
        .then(() => reads.run(right('events'), false, () => deny(30))),
    ])
    const [first, , optional] = all.map(result => (result.status === 'rejected' ? result.reason : undefined))
    expect(first).toBeInstanceOf(DeniedReadsError)
    expect(first).toMatchObject({
      status: 403,
      problems: [
        {
          message: 'you may not list pods, events',
          hints: [
            'a ClusterRole with these rules grants it: [{"apiGroups":[""],"resources":["pods","events"],"verbs":["list"]}]',
          ],
        },
        {
          message: 'you may not list secrets in namespace ns',
          hints: [expect.stringContaining('a Role in namespace ns')],
        },
      ],
    })
    expect(optional).not.toBeInstanceOf(DeniedReadsError)
  })

  test('what the command needs later is listed too', async () => {
    const later = rightsFor(['get', 'patch'], ['gateways.networking.istio.io', 'pods'], 'ns')
    const reads = trackReads(async () => [...later, right('pods', 'ns')])
    const error = await reads
      .run(right('pods'), false, () => Promise.reject(denied()))
      .catch((thrown: unknown) => thrown)
    expect((error as DeniedReadsError).problems.map(({message}) => message)).toEqual([
      'you may not list pods',
      'you may not get and patch gateways.networking.istio.io; get and patch pods in namespace ns',
    ])
    const without = trackReads(() => Promise.reject(new ApiError(500, undefined, 'no reviews')))
    await expect(without.run(right('pods'), false, () => Promise.reject(denied()))).rejects.toThrow(
      'you may not list pods',
    )
  })

  test.each([
    denied('users "x" is forbidden: User "a" cannot impersonate resource "users" in API group "" at the cluster scope'),
    denied('not today'),
    new ApiError(500, undefined, 'cannot list resource "pods"'),
    new Error('reset'),
  ])('another error stays as it is: %s', async error => {
    const reads = trackReads()
    const work = () => Promise.reject(error)
    await expect(reads.run(right('pods'), false, work)).rejects.toBe(error)
  })
})
