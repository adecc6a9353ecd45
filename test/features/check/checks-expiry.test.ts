import {expect, test} from 'vitest'
import {expiriesOf, expiryFindings} from '../../../src/features/check/checks-expiry.ts'
import type {VmTokenFacts} from '../../../src/features/check/facts.ts'
import {controlPlane, facts, member} from '../../mesh/samples.ts'
import {rootCert} from '../../support/ground/certificates.ts'
import {checkFacts, day, inDays, now} from './samples.ts'

test('everything that expires is listed, the first to expire first', async () => {
  const base = checkFacts()
  const found = expiriesOf(
    {
      federation: {
        members: [],
        report: {
          ...base.federation.report,
          rows: [{cluster: 'east', caExpires: inDays(40)}],
          held: [
            {holder: 'east', target: 'west', leftMs: 2 * day},
            {holder: 'west', target: 'east'},
          ],
        },
      },
      certificates: [
        {
          cluster: 'west',
          rows: [
            {gateway: 'shop/web', secret: 'istio-ingress/web', expires: inDays(-3)},
            {gateway: 'shop/web', secret: 'istio-ingress/gone', expires: undefined},
          ],
          findings: [],
        },
      ],
      vmTokens: [],
    },
    now,
  )
  expect(found.map(({cluster, kind, name}) => `${cluster} ${kind} ${name}`)).toEqual([
    'west ingress certificate istio-ingress/web of Gateway shop/web',
    'east credential for west',
    'east cluster CA secret/cacerts',
  ])
})

test('each root certificate of a cluster is listed; an unreadable root is not', async () => {
  const pem = await rootCert()
  const roots = (servedRoot: string) =>
    expiriesOf(
      {
        federation: {
          ...checkFacts().federation,
          members: [member('east', facts('east', {servedRoot, caSecret: undefined}))],
        },
        certificates: [],
        vmTokens: [],
      },
      now,
    ).filter(({kind}) => kind === 'root CA')
  expect(roots(pem)).toHaveLength(1)
  expect(roots(`${pem}${pem}`)).toHaveLength(2)
  expect(roots('no certificate')).toEqual([])
})

test('what has expired is an error, and what expires soon a warning', () => {
  const expiry = (days: number) => ({cluster: 'east', kind: 'credential', name: 'for west', expires: inDays(days)})
  expect(expiryFindings([expiry(-3), expiry(5), expiry(60)], 30 * day, now)).toMatchObject([
    {level: 'error', check: 'expiry-credential', message: 'credential for west expired 3d ago'},
    {level: 'warning', check: 'expiry-credential', message: 'credential for west expires in 5d'},
  ])
})

test('the token of a VM is listed unless all its machines are connected or its expiry is unknown', () => {
  const vm = (name: string, days: number | undefined, machines: VmTokenFacts['machines']): VmTokenFacts => ({
    ...{namespace: 'vms', name, systemNamespace: 'istio-system', machines},
    expires: days === undefined ? undefined : inDays(days),
  })
  const tokens = [
    vm('connected', -9, 'connected'),
    vm('older', undefined, 'disconnected'),
    vm('idle', -2, 'none'),
    vm('off', -3, 'disconnected'),
    {...vm('db', 5, 'unknown'), systemNamespace: 'mesh-a'},
    vm('later', 60, 'none'),
  ]
  const expiries = expiriesOf({...checkFacts(), vmTokens: [{cluster: 'east', tokens}]}, now)
  const own = expiries.filter(({kind}) => kind === 'VM token')
  expect(own.map(({name}) => name)).toEqual(['vms/off', 'vms/idle', 'vms/db', 'vms/later'])
  expect(expiryFindings(own, 30 * day, now)).toEqual([
    {
      ...{level: 'error', check: 'expiry-vm', cluster: 'east'},
      message: `VM token vms/off expired 3d ago; not all machines are connected, and one whose certificate has expired needs it`,
      hints: ['kubectl mesh vm renew off -n vms'],
    },
    {
      ...{level: 'warning', check: 'expiry-vm', cluster: 'east'},
      message: 'VM token vms/idle expired 2d ago; no machine has registered itself',
      hints: ['kubectl mesh vm renew idle -n vms'],
    },
    {
      ...{level: 'warning', check: 'expiry-vm', cluster: 'east'},
      message: 'VM token vms/db expires in 5d; it is unknown whether the machine is connected',
      hints: ['kubectl mesh vm renew db -n vms --system-namespace mesh-a'],
    },
  ])
})

test('with another CA than istiod, a connected machine needs its token too', () => {
  const token = {namespace: 'vms', name: 'web', systemNamespace: 'istio-system', machines: 'connected'} as const
  const vmTokens = [{cluster: 'east', tokens: [{...token, expires: inDays(-1)}]}]
  const external = controlPlane('east', {externalCa: 'istio-csr'})
  const members = [member('east', facts('east', {controlPlanes: [external], caSecret: undefined}))]
  const base = checkFacts()
  const expiries = expiriesOf({...base, federation: {...base.federation, members}, vmTokens}, now)
  expect(expiryFindings(expiries, day, now)).toMatchObject([{level: 'error', check: 'expiry-vm'}])
})
