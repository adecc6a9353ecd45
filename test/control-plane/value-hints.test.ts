import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {type HelmValue, istioctlInstall, managedValueHint, valueHints} from '../../src/control-plane/value-hints.ts'
import type {Manager} from '../../src/engine/kubernetes/manager.ts'

const target = {
  context: 'east',
  systemNamespace: 'istio-system',
  revision: undefined,
  version: '1.31.0',
  manager: undefined,
}
const values: HelmValue[] = [
  {path: 'global.meshID', value: 'mesh1'},
  {path: 'global.network', value: '123'},
  {path: 'global.externalIstiod', value: true},
  {path: 'meshConfig.trustDomainAliases', value: ['a.example', 'b.example']},
]
const when = 'later'
const helm: Manager = {tool: 'helm', name: 'Helm release r', when, release: {name: 'r', namespace: 'ns'}}
const sail = (kind: string, name: string): Manager => ({
  ...{tool: 'operator', name: 'the operator', when, owner: 'sailoperator.io/v1'},
  resource: {kind, name},
})

test('helm keeps the other values, and the version', () => {
  expect(valueHints({...target, manager: helm}, values)).toEqual([
    `helm upgrade r istio/istiod --kube-context east -n ns --version 1.31.0 --reuse-values --set global.meshID=mesh1 --set-json 'global.network="123"' --set-json global.externalIstiod=true --set-json 'meshConfig.trustDomainAliases=["a.example","b.example"]'`,
  ])
})

test('helm: an unknown version is left to the user, since the newest chart would upgrade istiod', () => {
  expect(valueHints({...target, manager: helm, version: 'latest'}, values)[0]).toContain('--version VERSION ')
  expect(managedValueHint(helm, values)).toContain('istio/istiod -n ns --version VERSION ')
})

describe('the Sail operator', () => {
  const patch =
    '{"spec":{"values":{"global":{"meshID":"mesh1","network":"123","externalIstiod":true},"meshConfig":{"trustDomainAliases":["a.example","b.example"]}}}}'
  test.each([
    ['Istio', 'default', 'default'],
    ['IstioRevision', 'default', 'default'],
    ['IstioRevision', 'prod-v1-31-0', 'prod'],
  ])('patches the resource Istio: %s %s', (kind, name, istio) => {
    const [hint] = valueHints({...target, manager: sail(kind, name)}, values)
    expect(hint).toBe(`kubectl --context east patch istio ${istio} --type merge -p '${patch}'`)
  })
})

test('other tools have their own values', () => {
  const manager: Manager = {tool: 'argo-cd', name: 'Argo CD application mesh', when}
  expect(valueHints({...target, manager}, values.slice(0, 2))).toEqual([
    'set global.meshID to "mesh1", global.network to "123" in the values that Argo CD application mesh applies',
  ])
})

test('the Istio add-on of AKS accepts only a mesh config', () => {
  const manager: Manager = {tool: 'aks-istio', name: 'the Istio add-on of AKS', when}
  expect(valueHints({...target, manager}, values)).toEqual([
    'the Istio add-on of AKS has no setting for global.meshID, global.network, global.externalIstiod; for a mesh of several clusters, install Istio without the add-on',
  ])
  expect(valueHints({...target, manager, revision: 'asm-1-27'}, values.slice(3))).toEqual([
    'set trustDomainAliases to ["a.example","b.example"] in ConfigMap istio-shared-configmap-asm-1-27, whose mesh config the add-on reads',
  ])
})

test('istioctl resets what it is not given, so it needs the file of the installation', () => {
  expect(valueHints({...target, systemNamespace: 'mesh', revision: '1-31'}, values)).toEqual([
    "istioctl install --context east -f YOUR-FILE.yaml --revision 1-31 --set values.global.meshID=mesh1 --set values.global.network=123 --set values.global.externalIstiod=true --set 'meshConfig.trustDomainAliases[0]=a.example' --set 'meshConfig.trustDomainAliases[1]=b.example' --set values.global.istioNamespace=mesh",
    "YOUR-FILE.yaml is the file with which Istio was installed: istioctl resets all that it omits. Values in use: kubectl --context east -n mesh get configmap values-1-31 -o jsonpath='{.data.original-values}'",
  ])
})

test('a first installation needs no file', () => {
  expect(istioctlInstall(target, [{path: 'profile', value: 'remote'}])).toBe(
    'istioctl install --context east --set profile=remote',
  )
})

test('values of a cluster cannot end the command', () => {
  const value = `x'; touch /tmp/pwned; '`
  const hint = managedValueHint(helm, [{path: 'global.network', value}])
  const words = execFileSync('sh', ['-c', `printf '%s\\n' ${hint}`], {encoding: 'utf8'})
    .trim()
    .split('\n')
  expect(words.at(-1)).toBe(`global.network=${JSON.stringify(value)}`)
})
