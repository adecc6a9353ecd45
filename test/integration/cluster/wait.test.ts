import {expect, it} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {TimeoutError, waitFor} from '../../../src/engine/cluster/wait.ts'
import {configMap, describeServer, fieldManager, namespace} from './connections.ts'

describeServer('waitFor', connections => {
  it('waits for an object and reports why, also while the server is unavailable', async () => {
    const {east, proxy, through} = connections
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'awaited'}
    const reasons: string[] = []
    proxy.decide = () => ({status: 503, headers: {'retry-after': '600'}})
    const waiting = waitFor(through, ref, object => (object?.data ? true : 'no data yet'), {
      timeoutMs: 30_000,
      onProgress: reason => {
        reasons.push(reason)
        if (reasons.length === 1) proxy.decide = () => 'pass'
        else if (reasons.length === 2) void east.apply(configMap('awaited', {a: '1'}))
      },
    })
    await expect(waiting).resolves.toMatchObject({data: {a: '1'}})
    expect(reasons[0]).toBe('the API server responded with status 503')
    expect(reasons[1]).toBe('no data yet')
  })

  it('stops waiting at the timeout, on abort, and without the right to read', async () => {
    const {kubeconfig, east, proxy, through} = connections
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'never'}
    const timedOut = await waitFor(east, ref, () => 'no address', {timeoutMs: 3000}).catch(error => error)
    expect(timedOut).toBeInstanceOf(TimeoutError)
    expect(timedOut).toMatchObject({reason: 'no address', exit: 3, message: expect.stringContaining('configmap/never')})
    proxy.decide = () => 'hang'
    await expect(waitFor(through, ref, () => true, {timeoutMs: 300})).rejects.toMatchObject({reason: 'no response yet'})
    proxy.decide = () => 'pass'
    const stop = new AbortController()
    const stopped = waitFor(east, ref, () => 'never', {timeoutMs: 60_000, signal: stop.signal})
    stop.abort(new Error('Ctrl-C'))
    await expect(stopped).rejects.toThrow('Ctrl-C')
    const jane = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'without-permissions'})
    await expect(waitFor(jane, ref, () => true, {timeoutMs: 60_000})).rejects.toMatchObject({status: 403})
    jane.close()
  })
})
