import {spawnSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {endHolder, hasEnded, thisHolder} from '../../../src/engine/lease/holder.ts'
import {buildLease, leaseSeconds, readLease} from '../../../src/engine/lease/lease.ts'

const now = new Date('2026-03-01T10:00:00.5Z')

describe('a lease', () => {
  test('is read as it was built, and expires after its duration', () => {
    const holder = thisHolder('kubectl mesh federate')
    const lease = buildLease('istio-system', holder, now)
    expect(lease.spec).toMatchObject({renewTime: '2026-03-01T10:00:00.500000Z', leaseDurationSeconds: leaseSeconds})
    const found = readLease(lease)
    expect(found).toMatchObject({run: holder.run, identity: holder.identity, since: now})
    expect(found.expires.getTime() - now.getTime()).toBe(leaseSeconds * 1000)
    expect(holder.identity).toContain(`, kubectl mesh federate, process ${process.pid}`)
  })

  test('of another tool, with texts instead of times and numbers, has expired and names no process', () => {
    const metadata = {name: 'kubectl-mesh', annotations: {'kubectl-mesh/process': '../1'}}
    const spec = {holderIdentity: '', renewTime: 'soon', acquireTime: 3, leaseDurationSeconds: 'x'}
    const found = readLease({apiVersion: 'v1', kind: 'Lease', metadata, spec})
    expect(found).toMatchObject({identity: 'an unknown holder', process: undefined, since: undefined, run: undefined})
    expect(found.expires.getTime()).toBeLessThan(now.getTime())
  })
})

describe('the holder of a lease', () => {
  const holder = thisHolder('kubectl mesh install')
  const {machine} = holder.process

  test.skipIf(machine === undefined)(
    'has ended if its process on this machine is gone, or its run in this process has ended',
    () => {
      const {pid} = spawnSync('true')
      expect(hasEnded({run: 'a', process: {machine, pid}})).toBe(true)
      expect(hasEnded({run: 'a', process: {machine, pid: process.ppid}})).toBe(false)
      expect(hasEnded({run: holder.run, process: {machine, pid: process.pid}})).toBe(false)
      endHolder(holder)
      expect(hasEnded({run: holder.run, process: {machine, pid: process.pid}})).toBe(true)
    },
  )

  test('on another or an unknown machine may still run', () => {
    const {pid} = spawnSync('true')
    expect(hasEnded({run: 'a', process: {machine: '0'.repeat(16), pid}})).toBe(false)
    expect(hasEnded({run: 'a', process: {machine: undefined, pid}})).toBe(false)
    expect(hasEnded({run: 'a', process: undefined})).toBe(false)
  })
})
