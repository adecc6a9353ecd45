import {describe, expect, test} from 'vitest'
import {ingressTlsFields, validateIngressTls} from '../../../../src/features/ingress/tls/spec.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'

describe('tls rejects', () => {
  test.each<[RawSpec<typeof ingressTlsFields>, RegExp]>([
    [{}, /HOST is required[\s\S]*--cert FILE is required[\s\S]*--key FILE is required/],
    [{host: '*'}, /HOST \* is not a host/],
    [{host: 'a.*.b'}, /is not a host/],
    [{host: 'a.b', secret: 's', cert: 'f'}, /--cert conflicts with --secret/],
    [{host: 'a.b', cert: 'f', key: 'k', mutual: true}, /--mutual requires --ca/],
    [{host: 'a.b', cert: 'f', key: 'k', ca: 'c'}, /--ca has an effect only with --mutual/],
  ])('%j', (raw, message) => {
    expect(() => readSpec(ingressTlsFields, raw, validateIngressTls)).toThrow(message)
  })
})
