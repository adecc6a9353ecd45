import fc from 'fast-check'
import type {Raw, Schema} from '../../src/spec/field.ts'
import type {RawSpec} from '../../src/spec/read.ts'
import {oddText} from '../support/odd.ts'

/** Values that are right for some field. */
const rightWords = [
  ...[
    'east',
    'west',
    'east,west',
    'a.b.svc',
    'shop.example.com',
    '*.example.com',
    'shop/*.local',
    '10.0.0.1',
    '2001:db8::1',
    'fe80::1%eth0',
  ],
  ...[
    '80',
    '80:8080',
    '0',
    '65535',
    '65536',
    'tcp-x:3306',
    'http:80:8080',
    '-1',
    '1.5',
    '720h',
    '90s',
    '1h30m',
    '1ns',
    '9999999h',
    '0s',
  ],
  ...[
    'east=net-a',
    'a=b',
    'a=b=c',
    '=a',
    'constructor=b',
    '__proto__=b',
    'toString=x',
    'https://a:6443',
    'https://[::1]:6443',
    'east=https://a',
  ],
  ...[
    'eu/eu-1/a',
    'eu',
    'eu/eu-1/*=us:20,eu:80',
    'rack-*=eu/eu-1/a',
    'eu:50,us:50',
    'gateway/x',
    'svc.ns.svc:9000',
    'tcp:3306',
    'http:80/healthz',
  ],
  ...[
    'app=web',
    'app in (a,b)',
    '!app',
    'values.pilot.autoscaleMin=2',
    'values.a[0].b=1',
    'a[99999999].b=1',
    'values.__proto__.x=1',
    'a.b.c',
    '#c',
  ],
  ...[
    'STRICT',
    'istioctl',
    'helm',
    'sail',
    'none',
    'gateways',
    'primary-remote',
    'multi-primary',
    'coredns',
    'dnsmasq',
    'kube-dns',
    'istio',
  ],
  ...[
    'daemonset',
    'ClusterIP',
    'NodePort',
    'per-peer',
    'bundled',
    '1.30.1',
    '/healthz',
    'a'.repeat(64),
    'mesh-ca',
    '-',
    '--',
    '-x',
  ],
]

/** One text: right for some field, or odd. */
export const fieldText = fc.oneof({weight: 2, arbitrary: fc.constantFrom(...rightWords)}, oddText)

const {raw} = fc.letrec<{raw: Raw}>(tie => ({
  raw: fc.oneof(
    {depthSize: 'small', maxDepth: 4},
    {weight: 8, arbitrary: fieldText},
    fc.boolean(),
    fc.constant(null),
    fc.oneof(fc.integer(), fc.double()),
    fc.array(tie('raw'), {maxLength: 4}),
    // Own properties with any name, such as __proto__, as parsers of YAML and JSON create them.
    fc
      .array(fc.tuple(fieldText, tie('raw')), {maxLength: 4})
      .map(pairs => Object.defineProperties({}, Object.fromEntries(pairs.map(([key, value]) => [key, own(value)])))),
  ),
}))

function own(value: unknown): PropertyDescriptor {
  return {value, enumerable: true, writable: true, configurable: true}
}

/** A value that may be right for a kind of field, or any value. */
function valueFor({kind, options}: Schema[string]): fc.Arbitrary<Raw> {
  const right: fc.Arbitrary<Raw> = {
    text: fieldText,
    list: fc.array(fieldText, {maxLength: 4}),
    switch: fc.boolean(),
    choice: fc.constantFrom(...(options ?? ['a'])),
  }[kind]
  return fc.oneof({weight: 4, arbitrary: right}, raw)
}

/** Input for some of the fields of a schema. */
export function rawSpec(schema: Schema): fc.Arbitrary<RawSpec<Schema>> {
  const names = Object.keys(schema)
  const fields = fc.subarray(names, {maxLength: Math.min(names.length, 6)})
  return fields.chain(chosen =>
    fc.record(
      Object.fromEntries(chosen.map(name => [name, valueFor(schema[name]!)])) as Record<string, fc.Arbitrary<Raw>>,
    ),
  )
}
