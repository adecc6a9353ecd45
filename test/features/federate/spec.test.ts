import fc from 'fast-check'
import {CORE_SCHEMA, load, YAML11_SCHEMA} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {buildFederation, type FederationMember} from '../../../src/features/federate/objects.ts'
import {federationRemoveFields, validateFederationRemove} from '../../../src/features/federate/remove/spec.ts'
import {type Federation, federationFields, validateFederation} from '../../../src/features/federate/spec.ts'
import {gatewayTypeOf} from '../../../src/mesh/gateways/spec.ts'
import {resolveMember} from '../../../src/mesh/members.ts'
import {primaryOf} from '../../../src/mesh/spec-primary-remote.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {dumpYaml, inKeyOrder} from '../../../src/text/yaml.ts'
import {kubeconfigFor} from '../../engine/kubernetes/samples.ts'
import {federationSpec} from '../../spec/arbitrary.ts'

const two = {contexts: ['east', 'west']}
/** The messages of the error that a read throws; empty if it succeeds. */
function problemsIn(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    expect(error.exit).toBe(2)
    return messages([...error.problems])
  }
}

const messages = (problems: {message: string}[]) => problems.map(({message}) => message)

describe('federate', () => {
  const problemsOf = (raw: object) => problemsIn(() => readSpec(federationFields, raw, validateFederation))

  test.each<[string, object, string[]]>([
    ['two clusters', two, []],
    ['none', {}, ['federate needs at least two clusters, got none']],
    ['one', {contexts: 'east'}, ['federate needs at least two clusters, got one (east)']],
    [
      'one twice',
      {contexts: 'east,east'},
      ['--contexts contains east twice', 'federate needs at least two clusters, got one (east)'],
    ],
    ['one of three twice', {contexts: 'east,west,east'}, ['--contexts contains east twice']],
    [
      'maps with unknown contexts',
      {...two, clusterName: ['e=a'], network: ['west=b', 'n=b'], server: ['s=https://h']},
      [
        '--cluster-name e=a: e is not among --contexts east,west',
        '--network n=b: n is not among --contexts east,west',
        '--server s=https://h: s is not among --contexts east,west',
      ],
    ],
    [
      'hosts without gateways',
      {...two, singleNetwork: true, expose: ['a.b']},
      ['--expose conflicts with --single-network'],
    ],
    [
      'hosts that cannot be limited to a namespace',
      {...two, expose: ['trade/*', 'trade/pay', 'trade/*.global'], clusterDomain: 'a.b'},
      [
        '--expose trade/*.global: istiod ignores the namespace of a host, so only hosts under NAMESPACE.svc.a.b can be limited to a namespace',
      ],
    ],
    [
      'a single network with two names',
      {...two, singleNetwork: true, network: ['east=a', 'west=b']},
      ['--single-network conflicts with several networks in --network'],
    ],
    [
      'a primary that is not one of the clusters',
      {...two, mode: 'primary-remote', primary: 'north'},
      ['--primary north is not among --contexts east,west'],
    ],
    ['a primary that is one of them', {...two, mode: 'primary-remote', primary: 'west'}, []],
    ['a single network with a name', {...two, singleNetwork: true, network: ['east=a', 'west=a']}, []],
  ])('%s', (_, raw, expected) => expect(problemsOf(raw)).toEqual(expected))
})

test.each<[object, string[]]>([
  [{contexts: 'east', from: 'west'}, []],
  [{}, ['--contexts is missing: which clusters leave?']],
  [{contexts: 'east', from: 'east,west'}, ['east cannot both leave (--contexts) and stay (--from)']],
  [{contexts: 'east', clusterName: ['x=a']}, ['--cluster-name x=…: x is not in --contexts or --from']],
])('federate remove %j', (raw, expected) =>
  expect(messages(validateFederationRemove(readSpec(federationRemoveFields, raw)))).toEqual(expected),
)

test.each([
  [{...two}, undefined],
  [{...two, mode: 'primary-remote'}, 'east'],
  [{...two, mode: 'primary-remote', primary: 'west'}, 'west'],
])('the primary of %j is %s', (raw, primary) => expect(primaryOf(readSpec(federationFields, raw))).toBe(primary))

test.each([
  ['10.0.0.300', 'is not an IP address or host name'],
  ['a b', 'is not an IP address or host name'],
  ['https://lb.example.com', 'is not an IP address or host name'],
  ['lb.example.com:15012', 'is not an IP address or host name'],
  ['127.0.0.1', 'is not an address of another machine'],
  ['0.0.0.0', 'is not an address of another machine'],
  ['169.254.1.1', 'is not an address of another machine'],
  ['::1', 'is not an address of another machine'],
  ['::', 'is not an address of another machine'],
  ['fe80::1', 'is not an address of another machine'],
  ['2001:DB8:0::1', 'is not in canonical form; write 2001:db8::1'],
])('--remote-pilot-address %s %s', (address, problem) =>
  expect(() => readSpec(federationFields, {remotePilotAddress: address})).toThrow(problem),
)

test.each(['10.0.0.1', '2001:db8::1', 'lb.example.com'])('--remote-pilot-address %s', address =>
  expect(readSpec(federationFields, {mode: 'primary-remote', remotePilotAddress: address}).remotePilotAddress).toBe(
    address,
  ),
)

/** The changes of a client dry run for a Spec. */
function changesOf(spec: Federation) {
  const all = spec.contexts.map(context => resolveMember(spec, context, undefined))
  const members = all.map(({cluster, network, context}): FederationMember => {
    const others = all.filter(other => other.cluster !== cluster)
    const holds = others.map(other => ({
      target: other.cluster,
      kubeconfig: kubeconfigFor(other.cluster, cluster),
      adopted: false,
    }))
    return {
      cluster,
      network,
      ownsNetworkLabel: true,
      ca: undefined,
      gatewayType: gatewayTypeOf(spec, context),
      gateway: spec.gateway[context],
      makeGateway: true,
      makeReader: true,
      holds,
      keepsInBundle: [],
    }
  })
  return buildFederation({...spec, shortLived: spec.credentialDuration !== undefined}, members)
}

test('for any Spec, YAML 1.1 and 1.2 parsers read the printed objects unchanged', () => {
  fc.assert(
    fc.property(federationSpec, spec => {
      // Contexts that are not valid cluster names are rejected before anything is printed, see preflight/checks.test.ts.
      const clusterName = Object.fromEntries(
        spec.contexts.map((context, at) => [context, spec.clusterName[context] ?? `c${at}`]),
      )
      for (const change of changesOf({...spec, clusterName})) {
        if (change.action !== 'apply') continue
        const text = dumpYaml(inKeyOrder(change.object))
        for (const schema of [YAML11_SCHEMA, CORE_SCHEMA]) expect(load(text, {schema})).toEqual(change.object)
      }
    }),
    {numRuns: 60},
  )
})
