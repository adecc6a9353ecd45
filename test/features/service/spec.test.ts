import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {federationFields, federationProblems} from '../../../src/features/federate/spec.ts'
import {
  serviceExportFields,
  serviceExportProblems,
  serviceUnexportFields,
  serviceUnexportProblems,
} from '../../../src/features/service/spec.ts'
import type {RawSpec} from '../../../src/spec/read.ts'
import {readSpec} from '../../../src/spec/read.ts'

function problemsOf(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    expect(error.exit).toBe(2)
    return error.problems.map(({message}) => message)
  }
}

const exported = (raw: RawSpec<typeof serviceExportFields>) =>
  problemsOf(() => readSpec(serviceExportFields, raw, serviceExportProblems))
const unexported = (raw: RawSpec<typeof serviceUnexportFields>) =>
  problemsOf(() => readSpec(serviceUnexportFields, raw, serviceUnexportProblems))

describe('service export', () => {
  test.each([
    {name: 'hello', contexts: 'east', to: 'west'},
    {name: 'hello', contexts: 'east,west'},
    {all: true, contexts: 'east,west', to: 'east,west,south'},
    {selector: 'a=b', contexts: 'east', to: 'west'},
    {watch: true, contexts: 'east,west'},
    {watch: true, namespace: 'sample', contexts: 'east', to: 'west', interval: '1s'},
  ])('%o is fine', raw => expect(exported(raw)).toEqual([]))

  test.each([
    [{contexts: 'east,west'}, /which service/],
    [{name: 'hello', all: true, contexts: 'east,west'}, /do not go together/],
    [{name: 'hello', selector: 'a=b', contexts: 'east,west'}, /NAME \(hello\) and -l do not go/],
    [{name: 'hello', contexts: 'east'}, /to which clusters/],
    [{name: 'hello', contexts: 'east,east'}, /to which clusters/],
    [{name: 'hello', contexts: 'east', to: 'east'}, /east is the cluster itself/],
    [{watch: true, name: 'hello', contexts: 'east,west'}, /not by NAME/],
    [{watch: true, selector: 'a', contexts: 'east,west'}, /not by -l/],
    [{watch: true, contexts: 'east'}, /to which clusters/],
    [{name: 'Hello', contexts: 'east,west'}, /NAME Hello is not a DNS label/],
    [{watch: true, contexts: 'east,west', interval: '10ms'}, /--interval 10ms is shorter/],
  ])('%o is told', (raw, message) => {
    expect(exported(raw)).toEqual([expect.stringMatching(message)])
  })

  test('all at once', () => expect(exported({contexts: 'east'})).toHaveLength(2))
})

test('service unexport', () => {
  expect(unexported({name: 'hello', contexts: 'east', to: 'west'})).toEqual([])
  expect(unexported({all: true, contexts: 'east,west'})).toEqual([])
  expect(unexported({contexts: 'east,west'})).toEqual([expect.stringMatching(/which service/)])
})

describe('federate --mode gateways', () => {
  const federated = (raw: RawSpec<typeof federationFields>) =>
    problemsOf(() => readSpec(federationFields, {contexts: 'east,west', ...raw}, federationProblems))

  test.each([
    {mode: 'gateways'},
    {mode: 'gateways', captureDns: true},
    {mode: 'gateways', dns: 'coredns'},
    {mode: 'gateways', dns: 'kube-dns', dnsForward: '10.0.0.53,10.0.0.54'},
    {mode: 'multi-primary', singleNetwork: true},
  ])('%o is fine', raw => expect(federated(raw)).toEqual([]))

  test.each([
    [{mode: 'gateways', singleNetwork: true}, /--single-network does not go with/],
    [{mode: 'gateways', server: 'east=https://x:1'}, /--server does not go with/],
    [{mode: 'gateways', credentialDuration: '1h'}, /--credential-duration does not go with/],
    [{mode: 'gateways', credentials: 'bundled'}, /--credentials does not go with/],
    [{mode: 'gateways', dns: 'kube-dns'}, /can only forward.*--dns-forward is missing/],
    [{mode: 'gateways', dns: 'coredns', dnsForward: '10.0.0.53'}, /--dns-forward is for --dns kube-dns/],
    [{mode: 'gateways', dns: 'coredns', captureDns: true}, /--capture-dns is for --dns istio/],
    [{dns: 'coredns'}, /--dns is for --mode gateways/],
    [{captureDns: true}, /--capture-dns is for --mode gateways/],
    [{mode: 'none'}, /--mode none is not one of/],
    [{mode: 'gateways', dns: 'kube-dns', dnsForward: 'dns.example'}, /is not an IP address/],
  ])('%o is told', (raw, message) => {
    expect(federated(raw)).toEqual([expect.stringMatching(message)])
  })
})
