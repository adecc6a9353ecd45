import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {dnsChecks} from '../../../../src/features/federate/preflight/checks-dns.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {type Differs, subject} from './samples.ts'

const withReload = '.:53 {\n    errors\n    reload\n}\n'
const withoutReload = '.:53 {\n    errors\n}\n'

const config = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'dns', namespace: 'kube-system'},
  data,
})

/** The ConfigMaps of DNS servers, by name. */
const dnsOf = (maps: Record<string, Record<string, string>>) => ({
  dns: {
    read: [],
    objects: Object.entries(maps).map(([name, data]) => ({
      ...config(data),
      metadata: {name, namespace: 'kube-system'},
    })),
  },
})

/** Returns the findings for west as `LEVEL CHECK: MESSAGE`. East has what the DNS server needs. */
function findingsFor({raw, ...rest}: Differs): string[] {
  const east = dnsOf({coredns: {Corefile: withReload}, dnsmasq: {'dnsmasq.conf': ''}})
  return runChecks(dnsChecks, subject({raw: {mode: 'gateways', captureDns: true, ...raw}, east, ...rest}))
    .filter(({cluster}) => cluster === 'west')
    .map(({level, check, message}) => `${level} ${check}: ${message}`)
}

const corefile = (text: string, more: Record<string, Record<string, string>> = {}): Differs => ({
  raw: {dns: 'coredns', captureDns: false},
  west: dnsOf({coredns: {Corefile: text}, ...more}),
})

test.each<[string, Differs, string[]]>([
  ['--capture-dns', {}, []],
  [
    'sidecars that do not capture DNS queries',
    {raw: {captureDns: false}},
    ['warning dns-capture: sidecars do not capture DNS queries: pods cannot resolve names under .global'],
  ],
  ['sidecars that capture DNS queries', {raw: {captureDns: false}, plane: {capturesDns: true}}, []],
  [
    'an old istiod',
    {plane: {allocatesAddresses: false, version: '1.24.1'}},
    ['warning dns-capture: istiod 1.24.1 assigns no addresses to names under .global'],
  ],
  [
    'an invalid import',
    {west: {imports: [{...config({}), kind: 'ServiceEntry', spec: {hosts: ['a\nb']}}]}},
    [
      'warning imports-valid: ServiceEntry kube-system/dns is not a valid import and is ignored: its host "a\\nb" is not NAME.NAMESPACE.global',
    ],
  ],
  ['another mode', {raw: {mode: 'multi-primary', captureDns: false}}, []],
  ['CoreDNS', corefile(withReload), []],
  [
    'CoreDNS without the reload plugin',
    corefile(withoutReload),
    ['warning dns-config: CoreDNS runs without the reload plugin: the change takes effect after a restart'],
  ],
  [
    'another server block for the zone',
    corefile(`${withReload}global:53 {\n    forward . 10.0.0.1\n}\n`),
    [
      'error dns-config: the Corefile already has a server block for global that kubectl-mesh does not manage: global:53',
    ],
  ],
  [
    'another server block for the zone in coredns-custom',
    corefile(`${withReload}import custom/*.server\n`, {
      'coredns-custom': {'global.server': 'global:53 {\n    forward . 10.0.0.1\n}\n'},
    }),
    [
      'error dns-config: key global.server of ConfigMap coredns-custom, which the Corefile imports, already has a server block for global that kubectl-mesh does not manage: global:53',
    ],
  ],
  [
    'NodeLocal DNSCache',
    corefile(withReload, {
      'node-local-dns': {Corefile: 'cluster.local:53 {\n    cache 30\n}\n.:53 {\n    errors\n}\n'},
    }),
    [
      'warning node-local-dns: NodeLocal DNSCache (ConfigMap kube-system/node-local-dns) forwards only cluster names to coredns: pods that use it cannot resolve names under .global',
    ],
  ],
  [
    'NodeLocal DNSCache that forwards the zone',
    corefile(withReload, {'node-local-dns': {Corefile: 'global:53 {\n    forward . 10.0.0.10\n}\n'}}),
    [],
  ],
  [
    'a cluster without the DNS operator of OpenShift',
    {raw: {dns: 'openshift', dnsForward: '10.0.0.53', captureDns: false}},
    [
      "error dns-config: dns.operator.openshift.io/default of operator.openshift.io/v1 does not exist: the cluster's DNS is not that of OpenShift",
    ],
  ],
  [
    'a Corefile that cannot be parsed',
    corefile('.:53 {\n'),
    ['error dns-config: CoreDNS rejects the Corefile: line 1: a closing brace is missing'],
  ],
  [
    'a cluster without the ConfigMap of CoreDNS',
    {raw: {dns: 'coredns', captureDns: false}},
    [
      "error dns-config: ConfigMap kube-system/coredns with the key Corefile is missing: the cluster's DNS is not coredns",
    ],
  ],
  [
    'kube-dns with an empty ConfigMap',
    {raw: {dns: 'kube-dns', dnsForward: '10.0.0.53', captureDns: false}, west: dnsOf({'kube-dns': {}})},
    [],
  ],
])('%s', (_, differs, expected) => expect(findingsFor(differs)).toEqual(expected))
