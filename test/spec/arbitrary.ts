import fc from 'fast-check'
import {type Federation, federationFields} from '../../src/features/federate/spec.ts'
import type {GatewaySettings} from '../../src/mesh/gateways/spec-settings.ts'
import {readSpec} from '../../src/spec/read.ts'
import {apiServerUrl, contextName} from '../../src/spec/texts.ts'
import {oddText} from '../support/odd.ts'

/** Contexts as kubeconfigs have them; a comma would part two of them, blanks at the ends are not kept. */
const context = oddText.map(text => text.trim()).filter(text => contextName(text) === undefined && !text.includes(','))
const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/),
  fc.constantFrom('y', '0755', '1e3', 'null'),
)
const domain = fc.array(label, {minLength: 1, maxLength: 3}).map(parts => parts.join('.'))
const url = fc
  .tuple(
    fc.oneof(domain, fc.constant('[2001:db8::1]')),
    fc.integer({min: 1, max: 65_535}),
    fc.constantFrom('', '/', '/k8s/c-1'),
  )
  .map(([host, port, path]) => `https://${host}:${port}${path}`)
  .filter(text => apiServerUrl(text) === undefined)
const host = fc.tuple(fc.constantFrom('', '*.', 'shop/', 'shop/*.', './'), domain).map(parts => parts.join(''))
/** Durations from ten minutes up, in whole milliseconds. */
const duration = fc.integer({min: 600_000, max: 10 * 365 * 86_400_000})

const gatewaySetting: fc.Arbitrary<GatewaySettings> = fc.oneof(
  fc.record({type: fc.constantFrom('LoadBalancer', 'NodePort')}),
  fc.record({replicas: fc.constantFrom('1', '20')}),
  fc.record({annotations: fc.dictionary(label, oddText, {minKeys: 1, maxKeys: 2, noNullPrototype: true})}),
  fc.record({tolerations: fc.uniqueArray(label, {minLength: 1, maxLength: 2})}),
)

const defaults = readSpec(federationFields, {})
const none = <T>(some: fc.Arbitrary<T>) => fc.option(some, {nil: undefined})

/** Any Spec of a federation that is right in each field, and whose maps name only its own contexts. */
export const federationSpec: fc.Arbitrary<Federation> = fc
  .uniqueArray(context, {minLength: 2, maxLength: 5})
  .chain(contexts => {
    const perContext = <T>(value: fc.Arbitrary<T>) =>
      fc
        .uniqueArray(fc.tuple(fc.constantFrom(...contexts), value), {selector: ([key]) => key})
        .map(pairs => Object.setPrototypeOf(Object.fromEntries(pairs), null) as Record<string, T>)
    return fc.record({
      contexts: fc.constant(contexts),
      clusterName: perContext(label),
      network: perContext(label),
      singleNetwork: fc.boolean(),
      meshId: none(label),
      trustDomain: none(domain),
      clusterDomain: fc.oneof(fc.constant(defaults.clusterDomain), domain),
      systemNamespace: fc.oneof(fc.constant(defaults.systemNamespace), label),
      revision: none(label),
      caDir: none(oddText.filter(text => text !== '')),
      server: perContext(url),
      expose: fc.array(host, {maxLength: 3}),
      gatewayServiceType: fc.constantFrom('LoadBalancer', 'NodePort', 'ClusterIP'),
      gateway: perContext(gatewaySetting),
      credentialDuration: none(duration),
      credentials: fc.constantFrom('per-peer', 'bundled'),
    })
  })
  // The other fields belong to other modes and to control planes: they keep their defaults.
  .map(input => ({...defaults, ...input, expose: input.singleNetwork ? [] : input.expose}))
