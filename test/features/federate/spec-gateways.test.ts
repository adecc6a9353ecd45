import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {federationFields, validateFederation} from '../../../src/features/federate/spec.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'

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

describe('federate --mode gateways', () => {
  const federated = (raw: RawSpec<typeof federationFields>) =>
    problemsOf(() => readSpec(federationFields, {contexts: 'east,west', ...raw}, validateFederation))

  test.each([
    {mode: 'gateways'},
    {mode: 'gateways', captureDns: true},
    {mode: 'gateways', dns: 'coredns'},
    {mode: 'gateways', dns: 'kube-dns', dnsForward: '10.0.0.53,10.0.0.54'},
    {mode: 'multi-primary', singleNetwork: true},
  ])('accepts %o', raw => expect(federated(raw)).toEqual([]))

  test.each([
    [
      {mode: 'gateways', singleNetwork: true},
      /--single-network has an effect only with --mode multi-primary or primary-remote/,
    ],
    [{mode: 'gateways', server: 'east=https://x:1'}, /--server has an effect only with --mode multi-primary/],
    [
      {mode: 'gateways', credentialDuration: '1h'},
      /--credential-duration has an effect only with --mode multi-primary/,
    ],
    [{mode: 'gateways', credentials: 'bundled'}, /--credentials has an effect only with --mode multi-primary/],
    [{mode: 'gateways', dns: 'kube-dns'}, /--dns kube-dns requires --dns-forward/],
    [
      {mode: 'gateways', dns: 'coredns', dnsForward: '10.0.0.53'},
      /--dns-forward has an effect only with --dns kube-dns/,
    ],
    [{mode: 'gateways', dns: 'coredns', captureDns: true}, /--capture-dns has an effect only with --dns istio/],
    [{dns: 'coredns'}, /--dns has an effect only with --mode gateways/],
    [{captureDns: true}, /--capture-dns has an effect only with --mode gateways/],
    [{mode: 'none'}, /--mode none is not one of/],
    [{mode: 'gateways', dns: 'kube-dns', dnsForward: 'dns.example'}, /is not an IP address/],
  ])('rejects %o', (raw, message) => {
    expect(federated(raw)).toEqual([expect.stringMatching(message)])
  })
})
